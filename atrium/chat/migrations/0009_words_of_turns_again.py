from django.db import migrations

from atrium.chat.word_index import index_the_words_again


class Migration(migrations.Migration):
    # The step before made the table of turns anew on SQLite, without its triggers.

    dependencies = [("chat", "0008_thoughts")]

    operations = [migrations.RunPython(index_the_words_again, migrations.RunPython.noop)]
