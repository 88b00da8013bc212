from django.db.models import Sum

from atrium.files.models import Usage
from atrium.files.storage import free_bytes
from atrium.web.metrics import Gauge


def _kept() -> int:
    return Usage.objects.aggregate(kept=Sum("kept_bytes"))["kept"] or 0


Gauge("atrium_files_kept_bytes", "Bytes that people keep, uploads under way included.", _kept)
Gauge("atrium_files_free_bytes", "Bytes free where files are kept.", free_bytes)
