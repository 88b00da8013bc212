from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0006_claims'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='leaves_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
