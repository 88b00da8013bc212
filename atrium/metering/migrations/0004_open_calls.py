from typing import Any

from django.db import migrations

_MORE_THAN_ANY = 10**12


def bound(apps: Any, schema_editor: Any) -> None:
    """Calls under way wrote down what they may cost, and not how many tokens that is."""
    receipts = apps.get_model("metering", "Receipt").objects
    receipts.filter(state="open").update(reserved=_MORE_THAN_ANY)


class Migration(migrations.Migration):
    dependencies = [("metering", "0003_windows")]
    operations = [migrations.RunPython(bound, migrations.RunPython.noop)]
