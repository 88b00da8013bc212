from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.ledger.actions import clear_disagreement
from atrium.ledger.models import Disagreement
from atrium.web.console import ConsoleAdmin, Tile, button, register_tiles
from atrium.web.templatetags.ui import ago, chip


class PutRightForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What was wrong, and what was done?"),
        max_length=500,
        help_text=gettext_lazy("Kept in the audit list."),
    )


@admin.register(Disagreement)
class DisagreementAdmin(ConsoleAdmin):
    """What the books say in two ways; while one stands, nothing is charged."""

    title = gettext_lazy("Disagreements of the books")
    order = 390
    areas = ("finance",)
    buttons = ("clear",)
    list_display = ("__str__", "state", "found")
    list_filter = ("thing_kind",)
    ordering = ("-found_at", "-id")
    fields = (
        *("said", "thing_kind", "thing_id", "found_at"),
        *("cleared_at", "cleared", "reason"),
    )
    empty_says = gettext_lazy("The books agree. They are added up again each minute.")

    @admin.display(description=gettext_lazy("state"))
    def state(self, one: Disagreement) -> SafeString:
        return chip(_("cleared")) if one.cleared_at else chip(_("stands"), "danger")

    @admin.display(description=gettext_lazy("found"), ordering="found_at")
    def found(self, one: Disagreement) -> SafeString:
        return ago(one.found_at)

    @admin.display(description=gettext_lazy("cleared by"))
    def cleared(self, one: Disagreement) -> str:
        return self.who(one.cleared_by) or "—"

    @button(
        gettext_lazy("It is put right"),
        form=PutRightForm,
        admin_only=True,
        again=True,
        when=lambda one: one.cleared_at is None,
    )
    def clear(self, request: HttpRequest, one: Disagreement, told: dict[str, Any]) -> str:
        clear_disagreement(
            disagreement=one,
            by=request.caller.audience,  # type: ignore[attr-defined]
            reason=told["reason"],
            at=clock.now(),
        )
        return _("It is cleared. When no other stands, things are charged again.")


def tiles(request: HttpRequest) -> Iterator[Tile]:
    """Say so on the front page while the books disagree."""
    if standing := Disagreement.objects.standing().count():
        yield Tile(
            gettext_lazy("The books disagree"),
            standing,
            gettext_lazy("Nothing is charged until this is put right."),
            reverse("admin:ledger_disagreement_changelist"),
            urgent=True,
        )


register_tiles(tiles, areas=("finance",))
