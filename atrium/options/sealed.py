from typing import Any

from django.db.models import Q, QuerySet

from atrium.kit.sealed import SealedColumn, register
from atrium.options.registry import every_option


def _secret(rows: QuerySet[Any]) -> QuerySet[Any]:
    """What nobody declares any more may have been a secret: its text says so itself."""
    declared = every_option()
    secret = [key for key, option in declared.items() if option.secret]
    return rows.filter(Q(key__in=secret) | (Q(text__startswith="s1.") & ~Q(key__in=[*declared])))


register(
    SealedColumn(
        "options.Setting", "text", purpose=lambda setting: f"option:{setting.key}", rows=_secret
    )
)
