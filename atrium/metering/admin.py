from collections.abc import Iterable
from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.ledger.amounts import exact, shown_up
from atrium.metering.deeds import deed_of
from atrium.metering.models import UsageLog
from atrium.metering.statistics import usage_of_today
from atrium.payments.tables import Column, TableAdmin
from atrium.web.console import Tile, register_tiles
from atrium.web.templatetags.ui import ago


@admin.register(UsageLog)
class UsageLogAdmin(TableAdmin):
    """What everybody did and tried to do."""

    kind = "usage_log"
    title = gettext_lazy("Log of usage")
    order = 260
    areas = ("finance", "support")
    list_display = ("what", "came_about", "whose", "model", "tokens", "cost", "when")
    list_filter = ("success", "action", "model", "at")
    list_select_related = ("model",)
    ordering = ("-at", "-id")
    fields = ("what", "came_about", "whose", "model", "units", "tokens", "cost", "when")
    empty_says = gettext_lazy("What people do in rooms is listed here, and whether it came about.")
    columns: ClassVar[tuple[Column, ...]] = (
        ("at", lambda one: one.at.isoformat()),
        ("who", lambda one: one.audience),
        ("action", lambda one: one.action),
        ("success", lambda one: "true" if one.success else "false"),
        ("model", lambda one: one.model.slug if one.model else ""),
        ("units", lambda one: one.units),
        ("tokens", lambda one: one.tokens),
        ("credits", lambda one: exact(one.charged)),
    )

    @admin.display(description=gettext_lazy("what"), ordering="action")
    def what(self, line: UsageLog) -> str:
        return str(deed_of(line.action).title)

    @admin.display(description=gettext_lazy("done"), ordering="success", boolean=True)
    def came_about(self, line: UsageLog) -> bool:
        return line.success

    @admin.display(description=gettext_lazy("who"))
    def whose(self, line: UsageLog) -> str:
        return self.who(line.audience)

    @admin.display(description=gettext_lazy("credits"), ordering="charged")
    def cost(self, line: UsageLog) -> str:
        return shown_up(line.charged) if line.charged else "—"

    @admin.display(description=gettext_lazy("when"), ordering="at")
    def when(self, line: UsageLog) -> SafeString:
        return ago(line.at)


def tiles(request: HttpRequest) -> Iterable[Tile]:
    """Say how many tokens today took."""
    tokens = usage_of_today(at=clock.now())
    note, url = _("of everybody"), reverse("metering:everybody")
    yield Tile(_("Tokens today"), number_format(tokens, force_grouping=True), note, url)


register_tiles(tiles, areas=("finance",))
