from typing import Any

from django.db import migrations
from django.db.models import F


def tell(apps: Any, schema_editor: Any) -> None:
    """Until windows paid, a call cost what it was worth."""
    apps.get_model("metering", "Receipt").objects.update(worth=F("charged"))


class Migration(migrations.Migration):
    dependencies = [("metering", "0005_usage_log")]
    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
