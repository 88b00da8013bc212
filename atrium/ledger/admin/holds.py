from collections.abc import Iterator

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.ledger.amounts import exact
from atrium.ledger.models import Hold
from atrium.web.console import ConsoleAdmin, Tile, register_tiles
from atrium.web.templatetags.ui import ago, chip


@admin.register(Hold)
class HoldAdmin(ConsoleAdmin):
    """Amounts set aside; whoever made one ends it, and after its deadline the sweep asks them."""

    title = gettext_lazy("Set aside")
    order = 420
    areas = ("finance",)
    list_display = ("whose", "said", "standing", "made", "due", "key")
    list_filter = ("state", "kind")
    search_fields = ("key",)
    ordering = ("-made_at", "-id")
    fields = (
        *("id", "whose", "key", "kind", "said", "settled", "standing"),
        *("upstream_key", "price", "made_at", "deadline_at", "ended_at"),
    )
    empty_says = gettext_lazy("What is set aside for a call under way is listed here.")

    @admin.display(description=gettext_lazy("of whom"), ordering="holder")
    def whose(self, hold: Hold) -> str:
        return self.who(hold.holder)

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def said(self, hold: Hold) -> str:
        return f"{exact(hold.amount, hold.asset)} {hold.asset}"

    @admin.display(description=gettext_lazy("charged of it"))
    def settled(self, hold: Hold) -> str:
        return "—" if hold.settled_amount is None else exact(hold.settled_amount, hold.asset)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, hold: Hold) -> SafeString:
        return chip(hold.get_state_display(), "" if hold.state == Hold.State.HELD else "ok")

    @admin.display(description=gettext_lazy("since"), ordering="made_at")
    def made(self, hold: Hold) -> SafeString:
        return ago(hold.made_at)

    @admin.display(description=gettext_lazy("due"), ordering="deadline_at")
    def due(self, hold: Hold) -> SafeString | str:
        if hold.state != Hold.State.HELD:
            return "—"
        if hold.deadline_at < clock.now():
            return format_html(
                "{} {}", chip(_("Overdue"), "danger", "clock"), ago(hold.deadline_at)
            )
        return ago(hold.deadline_at)


def tiles(request: HttpRequest) -> Iterator[Tile]:
    """Say when amounts stay set aside beyond their deadline."""
    if late := Hold.objects.open().overdue(at=clock.now()).count():
        yield Tile(
            _("Set aside too long"),
            late,
            _("Whoever made them has not said how they ended."),
            f"{reverse('admin:ledger_hold_changelist')}?state__exact=held",
            urgent=True,
        )


register_tiles(tiles, areas=("finance",))
