from collections.abc import AsyncIterator, Iterator
from typing import cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.csvtext import MARK
from atrium.kit.csvtext import lines as csv_lines
from atrium.kit.errors import TooLarge
from atrium.kit.limits import LIMITS
from atrium.kit.offload import offload
from atrium.ledger import statement as books
from atrium.ledger.amounts import exact
from atrium.ledger.forms import SieveForm
from atrium.ledger.queries import last_closed_entry
from atrium.ledger.statement import Line, Sieve
from atrium.people.caller import Caller
from atrium.web.policy import page
from atrium.web.render import render_page


class TooManyLines(TooLarge):
    code = "too_many_rows"


@page("GET", who="somebody")
def statement(request: HttpRequest) -> HttpResponse:
    """Show what became more or less of the caller's credits, the newest first."""
    caller = _caller(request)
    form = SieveForm(request.GET, caller=caller)
    lines = None
    if form.is_valid():
        after = request.GET.get("after")
        lines = books.page_of_lines(caller, form.sieve, after=after, size=LIMITS.page_items)
    context = {
        "form": form,
        "page": lines,
        "query": form.query(),
        "balance": books.balances_of(caller)[0],
        "under_way": books.under_way(caller),
        "provable": last_closed_entry(),
    }
    return render_page(
        request,
        "ledger/statement.html",
        context,
        fragment="ledger/parts/statement.html",
        status=200 if lines else 422,
    )


@page("GET", who="somebody")
def statement_csv(request: HttpRequest) -> HttpResponseBase:
    """Send the statement as a table, to the last millionth."""
    caller = _caller(request)
    sieve = books.sieve_of(
        caller, **{name: request.GET.get(name, "") for name in ("kind", "since", "until")}
    )
    number = books.line_count(caller, sieve)
    if number > LIMITS.export_rows:
        raise TooManyLines(
            _("This is more than one table may hold. Choose fewer days first."),
            limit=LIMITS.export_rows,
            used=number,
        )
    pieces = _pieces(caller, sieve)
    sent = _along(pieces) if isinstance(request, ASGIRequest) else pieces
    answer = StreamingHttpResponse(sent, content_type="text/csv; charset=utf-8")
    name = f"statement-{clock.now():%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _pieces(caller: Caller, sieve: Sieve) -> Iterator[str]:
    # Made later, in threads that know nothing of the request's language and time.
    language, zone = translation.get_language(), timezone.get_current_timezone()
    heads = (_("number"), _("when"), _("kind"), _("what for"), _("credits"), _("balance after it"))

    def written() -> Iterator[str]:
        yield MARK + csv_lines([heads])
        lines = books.every_line(caller, sieve)
        while True:
            with translation.override(language), timezone.override(zone):
                some = next(lines, None)
                text = csv_lines(map(_row, some)) if some else ""
            if not text:
                return
            yield text

    return written()


def _row(line: Line) -> tuple[object, ...]:
    told = " · ".join(filter(None, (line.told.title, line.told.note)))
    when = timezone.localtime(line.at).isoformat(sep=" ", timespec="seconds")
    return (line.number, when, line.kind.title, told, exact(line.amount), exact(line.balance))


async def _along(pieces: Iterator[str]) -> AsyncIterator[str]:
    # A plain iterator would be gathered into one list under ASGI.
    while piece := await offload(next, pieces, ""):
        yield piece


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
