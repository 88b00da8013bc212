from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from atrium.kit import clock
from atrium.kit.credits import parse
from atrium.ledger.actions import adjust, agree, decline
from atrium.ledger.admin.entries import ReasonForm
from atrium.ledger.amounts import exact
from atrium.ledger.holders import person_named
from atrium.ledger.models import Correction
from atrium.people.models import User
from atrium.web.console import Tile, button, register_tiles
from atrium.web.console_forms import MakingAdmin
from atrium.web.templatetags.ui import ago, chip


class GiveForm(ReasonForm):
    username = forms.CharField(
        label=gettext_lazy("Name of the person"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    amount = forms.CharField(
        label=gettext_lazy("Credits"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    field_order = ("username", "amount", "reason")


def _waits(correction: Correction) -> bool:
    return correction.state == Correction.State.WAITING


@admin.register(Correction)
class CorrectionAdmin(MakingAdmin):
    title = gettext_lazy("Corrections")
    order = 430
    areas = ("finance",)
    buttons = ("agree", "decline")
    make_form = GiveForm
    make_label = gettext_lazy("Give credits")
    make_says = gettext_lazy(
        "The person is told, with the reason. Beyond what one person may give alone in a day, a"
        " second one of finance has to agree first."
    )
    list_display = ("titled", "whose", "said", "standing", "asked", "asker")
    list_filter = ("state", "kind")
    list_select_related = ("entry",)
    search_fields = ("reason",)
    ordering = ("-asked_at", "-id")
    fields = (
        *("titled", "whose", "said", "reason", "reversed_one", "standing"),
        *("asker", "asked_at", "decider", "decided_at", "posted_as"),
    )
    empty_says = gettext_lazy("Entries that finance reversed, and credits given for a reason.")

    def new_view(self, request: HttpRequest) -> HttpResponse:
        may = self.has_view_permission(request)
        if may and (asked := cast(Any, self.admin_site).ask_again(request)):
            return cast(HttpResponse, asked)
        return super().new_view(request)

    def make(self, request: HttpRequest, told: dict[str, Any]) -> str:
        made = adjust(
            person=person_named(told["username"]),
            amount=parse(told["amount"]),
            by=_me(request),
            reason=told["reason"],
            at=clock.now(),
        )
        if _waits(made):
            return _("It waits for a second person of finance.")
        return _("The credits are given.")

    @admin.display(description=gettext_lazy("what"), ordering="kind")
    def titled(self, correction: Correction) -> str:
        return correction.get_kind_display()

    @admin.display(description=gettext_lazy("of whom"), ordering="holder")
    def whose(self, correction: Correction) -> str:
        return self.who(correction.holder)

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def said(self, correction: Correction) -> str:
        return f"{exact(correction.amount, correction.asset)} {correction.asset}"

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, correction: Correction) -> SafeString:
        kinds = {"waiting": "gold", "done": "ok"}
        return chip(correction.get_state_display(), kinds.get(correction.state, ""))

    @admin.display(description=gettext_lazy("asked"), ordering="asked_at")
    def asked(self, correction: Correction) -> SafeString:
        return ago(correction.asked_at)

    @admin.display(description=gettext_lazy("asked by"), ordering="asked_by")
    def asker(self, correction: Correction) -> str:
        return self.who(correction.asked_by)

    @admin.display(description=gettext_lazy("decided by"))
    def decider(self, correction: Correction) -> str:
        return self.who(correction.decided_by) if correction.decided_by else "—"

    @admin.display(description=gettext_lazy("reverses"))
    def reversed_one(self, correction: Correction) -> SafeString | str:
        return _link_to_entry(correction.entry_id)

    @admin.display(description=gettext_lazy("posted as"))
    def posted_as(self, correction: Correction) -> SafeString | str:
        return _link_to_entry(correction.posted_id)

    @button(
        gettext_lazy("Agree"),
        confirm=gettext_lazy("It is posted at once, and whose account it is are told."),
        again=True,
        when=_waits,
    )
    def agree(self, request: HttpRequest, correction: Correction, told: dict[str, Any]) -> str:
        agree(correction=correction, by=_me(request), at=clock.now())
        return _("It is posted.")

    @button(
        gettext_lazy("Decline"),
        confirm=gettext_lazy("Everything stays as it is."),
        danger=True,
        when=_waits,
    )
    def decline(self, request: HttpRequest, correction: Correction, told: dict[str, Any]) -> str:
        decline(correction=correction, by=_me(request), at=clock.now())
        return _("It is declined.")


def tiles(request: HttpRequest) -> Iterator[Tile]:
    """Say what waits for a second person."""
    waiting = Correction.objects.filter(state=Correction.State.WAITING)
    if number := waiting.count():
        note = ngettext("waits for a second person", "wait for a second person", number)
        where = f"{reverse('admin:ledger_correction_changelist')}?state__exact=waiting"
        yield Tile(_("Corrections"), number, note, where, urgent=True)


register_tiles(tiles, areas=("finance",))


def _link_to_entry(number: int | None) -> SafeString | str:
    if number is None:
        return "—"
    where = reverse("admin:ledger_entry_change", args=[number])
    return format_html('<a href="{}">{}</a>', where, number)


def _me(request: HttpRequest) -> User:
    return cast(User, request.caller.person)  # type: ignore[attr-defined]
