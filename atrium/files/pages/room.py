from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from atrium.files import actions, queries
from atrium.files.models import File
from atrium.kit import clock
from atrium.kit.errors import Refusal, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.options.queries import value
from atrium.people.caller import Caller
from atrium.web.policy import page
from atrium.web.render import render_page

_ORDER = ("-made_at", "-id")
_PAGE = "files/room.html"
_LIST = "files/parts/list.html"


class NothingChosen(Unprocessable):
    code = "nothing_chosen"


@page("GET", "POST", who="somebody")
def room(request: HttpRequest) -> HttpResponse:
    """Show what somebody keeps; POST keeps what a plain form brings."""
    if request.method == "POST":
        return _keep_all(request)
    caller, in_trash = _caller(request), request.GET.get("trash") == "1"
    files = File.objects.visible_to(caller).prefetch_related("pictures")
    files = files.in_trash() if in_trash else files.kept()
    context: dict[str, Any] = {
        "in_trash": in_trash,
        "page": page_of(
            files, after=request.GET.get("after"), size=LIMITS.page_items, order=_ORDER
        ),
        "allowance": queries.allowance_of(caller, at=clock.now()),
        "trash_days": value("files.trash_days"),
    }
    return render_page(request, _PAGE, context, fragment=_LIST)


@page("POST", who="somebody")
def delete(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Put a file into the trash."""
    caller = _caller(request)
    file = queries.file_of(caller, file_id)
    actions.delete_file(file=file, by=caller, at=clock.now())
    messages.success(request, _("“{name}” lies in the trash.").format(name=file.name))
    return _back()


@page("POST", who="somebody")
def restore(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Take a file out of the trash."""
    caller = _caller(request)
    file = queries.file_of(caller, file_id)
    actions.restore_file(file=file, by=caller, at=clock.now())
    messages.success(request, _("“{name}” is back.").format(name=file.name))
    return _back()


@page("POST", who="somebody")
def purge(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Remove a file of the trash for good."""
    file = queries.file_of(_caller(request), file_id)
    if actions.purge_file(file=file, at=clock.now()):
        messages.success(request, _("“{name}” is gone for good.").format(name=file.name))
    return _back(trash=True)


def _keep_all(request: HttpRequest) -> HttpResponse:
    """Keep each file of the form; what is refused is said, and keeps no other from being kept."""
    uploaded = request.FILES.getlist("file")
    if not uploaded:
        raise NothingChosen(_("Choose a file first."))
    kept, refused = 0, []
    for one in uploaded:
        try:
            actions.keep_upload(
                by=_caller(request),
                name=one.name or "",
                source=one.chunks(),
                declared_kind=one.content_type or "",
                expected_size=one.size or 0,
                at=clock.now(),
            )
        except Refusal as refusal:
            if len(uploaded) == 1:
                raise
            refused.append(f"{one.name}: {refusal.detail}")
        else:
            kept += 1
    for said in refused:
        messages.error(request, said)
    if kept:
        said = ngettext("{count} file is kept.", "{count} files are kept.", kept)
        messages.success(request, said.format(count=kept))
    return _back()


def _back(*, trash: bool = False) -> HttpResponse:
    return HttpResponseRedirect(reverse("files:room") + ("?trash=1" if trash else ""))


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
