from typing import Any

from django.db import migrations


def vacuum_often(_apps: Any, schema: Any) -> None:
    """Each job leaves two dead versions of its row at the head of the queue; sweep them early."""
    if schema.connection.vendor == "postgresql":
        schema.execute(
            "ALTER TABLE jobs_job SET (autovacuum_vacuum_scale_factor = 0,"
            " autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0)",
            params=None,
        )


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [migrations.RunPython(vacuum_often, migrations.RunPython.noop)]
