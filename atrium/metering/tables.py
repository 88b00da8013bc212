"""Receipts and the log as tables for a spreadsheet, sent as they are read."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.csvtext import MARK
from atrium.kit.csvtext import lines as csv_lines
from atrium.kit.errors import TooLarge
from atrium.kit.limits import LIMITS
from atrium.kit.offload import offload
from atrium.ledger.amounts import exact
from atrium.metering.deeds import deed_of, room_of
from atrium.metering.models import Receipt, UsageLog

AT_ONCE = 500


class TooManyToTable(TooLarge):
    code = "too_many_rows"


def receipt_heads() -> tuple[str, ...]:
    """Return what the columns of receipts are called, in the reader's language."""
    return (
        *(_("when"), _("model"), _("room"), _("paid with"), _("state")),
        *(_("tokens in"), _("tokens out"), _("credits"), _("number")),
    )


def receipt_row(one: Receipt, zone: Any) -> tuple[object, ...]:
    return (
        _when(one.began_at, zone),
        one.model.slug,
        room_of(one.about_kind),
        one.payer,
        one.state,
        one.tokens_in,
        one.tokens_out,
        exact(one.charged),
        one.pk,
    )


def log_heads() -> tuple[str, ...]:
    """Return what the columns of the log are called, in the reader's language."""
    return (_("when"), _("what"), "success", _("model"), _("pieces"), _("tokens"), _("credits"))


def log_row(one: UsageLog, zone: Any) -> tuple[object, ...]:
    return (
        _when(one.at, zone),
        deed_of(one.action).key,
        "true" if one.success else "false",
        one.model.slug if one.model else "",
        one.units,
        one.tokens,
        exact(one.charged),
    )


def send_table(
    request: HttpRequest,
    rows: Any,
    *,
    name: str,
    heads: tuple[str, ...],
    row: Callable[[Any, Any], tuple[object, ...]],
) -> StreamingHttpResponse:
    """Send the rows as CSV, in the order of their keys.

    :raises TooManyToTable: when they are more than one table may hold
    """
    number = rows.count()
    if number > LIMITS.export_rows:
        raise TooManyToTable(
            _("This is more than one table may hold. Choose fewer days first."),
            limit=LIMITS.export_rows,
            used=number,
        )
    pieces = _pieces(rows.select_related("model").order_by("pk"), heads, row)
    sent = _along(pieces) if isinstance(request, ASGIRequest) else pieces
    answer = StreamingHttpResponse(sent, content_type="text/csv; charset=utf-8")
    file_name = f"{name}-{clock.now():%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer


def _pieces(rows: Any, heads: tuple[str, ...], row: Any) -> Iterator[str]:
    # Made later, in threads that do not know the request's time zone.
    zone = timezone.get_current_timezone()

    def written() -> Iterator[str]:
        yield MARK + csv_lines([heads])
        last = None
        while some := list((rows.filter(pk__gt=last) if last else rows)[:AT_ONCE]):
            yield csv_lines(row(one, zone) for one in some)
            last = some[-1].pk

    return written()


async def _along(pieces: Iterator[str]) -> AsyncIterator[str]:
    # A plain iterator would be gathered into one list under ASGI.
    while piece := await offload(next, pieces, ""):
        yield piece


def _when(moment: Any, zone: Any) -> str:
    return timezone.localtime(moment, zone).isoformat(sep=" ", timespec="seconds")
