"""A console's list as a table for a spreadsheet: what is listed now, sent as it is read."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.csvtext import MARK
from atrium.kit.csvtext import lines as csv_lines
from atrium.kit.errors import NotFound, TooLarge, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.offload import offload
from atrium.web.console import ConsoleAdmin

AT_ONCE = 500
Column = tuple[str, Callable[[Any], object]]


class BadFilter(Unprocessable):
    code = "bad_filter"


class TooManyRows(TooLarge):
    code = "too_many_rows"


class TableAdmin(ConsoleAdmin):
    """A list that can be downloaded. ``columns`` have their headings as programs read them."""

    change_list_template = "payments/console/table.html"
    columns: ClassVar[tuple[Column, ...]] = ()

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_csv"
        table = path("table.csv", self.admin_site.admin_view(self.table), name=name)
        return [table, *super().get_urls()]

    def table(self, request: HttpRequest) -> StreamingHttpResponse:
        """Send what the list shows now; that it was taken is written down."""
        if not self.has_view_permission(request):
            raise NotFound(_("There is nothing here, or it is not yours to see."))
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            raise BadFilter(_("The list cannot be filtered like that.")) from None
        number = found.count()
        if number > LIMITS.export_rows:
            raise TooManyRows(
                _("This is more than one table may hold. Filter the list first."),
                limit=LIMITS.export_rows,
                used=number,
            )
        asked = request.GET.copy()
        asked.pop("q", None)  # what was searched for may be somebody's name
        kind = str(self.opts.model_name)
        self.note_about(request, f"{kind}.exported", (kind, ""), rows=number, query=str(asked))
        pieces = self._pieces(found.order_by("pk"))
        sent = _along(pieces) if isinstance(request, ASGIRequest) else pieces
        answer = StreamingHttpResponse(sent, content_type="text/csv; charset=utf-8")
        name = f"{kind}-{clock.now():%Y-%m-%d}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def _pieces(self, rows: Any) -> Iterator[str]:
        yield MARK + csv_lines([[heading for heading, _read in self.columns]])
        last = None
        while some := list((rows.filter(pk__gt=last) if last else rows)[:AT_ONCE]):
            yield csv_lines([read(one) for _heading, read in self.columns] for one in some)
            last = some[-1].pk


async def _along(pieces: Iterator[str]) -> AsyncIterator[str]:
    # A plain iterator would be gathered into one list under ASGI.
    while piece := await offload(next, pieces, ""):
        yield piece
