from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_a_cache_that_all_processes_share'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReservedName',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('until', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddField(
            model_name='user',
            name='erased_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at', None), models.Q(('display_name', ''), ('email', ''), ('is_active', False)), _connector='OR'), name='people_the_erased_are_gone'),
        ),
    ]
