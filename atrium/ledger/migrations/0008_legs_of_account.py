from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def drop_the_other_index(_apps: Any, schema: Any) -> None:
    # By hand: on SQLite a changed column is a new table, which would lose its triggers.
    name = schema._create_index_name("ledger_leg", ["account_id"])
    schema.execute(f'DROP INDEX IF EXISTS "{name}"', params=None)


def make_the_other_index(_apps: Any, schema: Any) -> None:
    name = schema._create_index_name("ledger_leg", ["account_id"])
    schema.execute(f'CREATE INDEX "{name}" ON ledger_leg (account_id)', params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0007_post_in_one_call'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='entry',
            options={'verbose_name': 'entry', 'verbose_name_plural': 'entries'},
        ),
        migrations.AddIndex(
            model_name='leg',
            index=models.Index(fields=['account', 'entry'], name='ledger_legs_of_account'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_the_other_index, make_the_other_index)],
            state_operations=[
                migrations.AlterField(
                    model_name='leg',
                    name='account',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='legs', to='ledger.account'),
                ),
            ],
        ),
    ]
