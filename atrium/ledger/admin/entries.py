from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.ledger.actions import reverse as reverse_entry
from atrium.ledger.amounts import exact
from atrium.ledger.holders import holders_named
from atrium.ledger.models import Correction, Entry
from atrium.ledger.queries import entries_of
from atrium.ledger.telling import kind_of
from atrium.people.models import User
from atrium.web.console import ConsoleAdmin, button
from atrium.web.templatetags.ui import ago, chip


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Whose account it is reads it. Write no names into it."),
    )


def _can_be_reversed(entry: Entry) -> bool:
    live = Correction.objects.exclude(state=Correction.State.DECLINED)
    return kind_of(entry.kind).reversible and not live.filter(entry=entry).exists()


@admin.register(Entry)
class EntryAdmin(ConsoleAdmin):
    title = gettext_lazy("Entries")
    order = 410
    areas = ("finance",)
    buttons = ("reverse",)
    list_display = ("id", "posted", "titled", "whose", "key")
    list_filter = ("kind", ("posted_at", admin.DateFieldListFilter))
    search_fields = ("key",)
    search_help_text = gettext_lazy("A key, a number, or the name of a person.")
    ordering = ("-id",)
    fields = ("id", "titled", "kind", "key", "posted_at", "about", "moved", "corrected")
    empty_says = gettext_lazy("Whatever moves credits or money is listed here, and stays.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        entries: QuerySet[Any] = super().get_queryset(request)
        return entries.prefetch_related("legs__account")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(key=term) | Q(pk__in=entries_of(holders_named(term)).values("pk"))
        if term.isascii() and term.isdigit() and len(term) < 18:
            found |= Q(pk=int(term))
        return queryset.filter(found), False

    @admin.display(description=gettext_lazy("when"), ordering="posted_at")
    def posted(self, entry: Entry) -> SafeString:
        return ago(entry.posted_at)

    @admin.display(description=gettext_lazy("what"), ordering="kind")
    def titled(self, entry: Entry) -> str:
        return str(kind_of(entry.kind).title)

    @admin.display(description=gettext_lazy("of whom"))
    def whose(self, entry: Entry) -> str:
        holders = sorted({leg.account.holder for leg in entry.legs.all()})
        return ", ".join(self.who(one) for one in holders if not one.startswith("platform")) or "—"

    @admin.display(description=gettext_lazy("about"))
    def about(self, entry: Entry) -> str:
        return f"{entry.about_kind} {entry.about_id}" if entry.about_id else "—"

    @admin.display(description=gettext_lazy("moved"))
    def moved(self, entry: Entry) -> SafeString:
        rows = (
            (
                self.who(leg.account.holder),
                leg.account.get_purpose_display(),
                exact(leg.amount, leg.account.asset),
                leg.account.asset,
            )
            for leg in sorted(entry.legs.all(), key=lambda leg: leg.pk)
        )
        body = format_html_join(
            "", '<tr><td>{}</td><td>{}</td><td class="num">{}</td><td>{}</td></tr>', rows
        )
        return format_html('<div class="table-scroll"><table class="table">{}</table></div>', body)

    @admin.display(description=gettext_lazy("corrections"))
    def corrected(self, entry: Entry) -> SafeString | str:
        links = (
            (
                reverse("admin:ledger_correction_change", args=[one.pk]),
                one.get_kind_display(),
                chip(one.get_state_display()),
            )
            for one in entry.corrections.order_by("asked_at")
        )
        return format_html_join("", '<p><a href="{}">{}</a> {}</p>', links) or "—"

    @button(
        gettext_lazy("Reverse"),
        form=ReasonForm,
        confirm=gettext_lazy(
            "The opposite is posted as a new entry. What is taken back and was spent already, is"
            " owed. Beyond what one person may do alone, a second one has to agree first."
        ),
        danger=True,
        again=True,
        when=_can_be_reversed,
    )
    def reverse(self, request: HttpRequest, entry: Entry, told: dict[str, Any]) -> str:
        by = cast(User, request.caller.person)  # type: ignore[attr-defined]
        made = reverse_entry(entry=entry, by=by, reason=told["reason"], at=clock.now())
        if made.state == Correction.State.WAITING:
            return _("It waits for a second person of finance.")
        return _("It is reversed.")
