from django.db import migrations

from atrium.chat.word_index import forget_the_words, index_the_words


class Migration(migrations.Migration):
    # Whatever changes the table of turns on SQLite makes it anew, without its triggers: a later
    # migration that does must end with index_the_words_again.

    dependencies = [("chat", "0005_folders_pins_and_words_from_elsewhere")]

    operations = [migrations.RunPython(index_the_words, forget_the_words)]
