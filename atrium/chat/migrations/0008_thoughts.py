from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0007_imports"),
    ]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="thoughts",
            field=models.TextField(blank=True),
        ),
    ]
