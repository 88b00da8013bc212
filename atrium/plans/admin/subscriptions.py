from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.payments import billing_clock
from atrium.plans.actions.overruling import end_for, extend
from atrium.plans.console_forms import ExtendForm, ReasonForm
from atrium.plans.models import Subscription
from atrium.web.console import ConsoleAdmin, Tile, button, register_tiles
from atrium.web.templatetags.ui import chip

_State = Subscription.State


@admin.register(Subscription)
class SubscriptionAdmin(ConsoleAdmin):
    """Who has which plan, until when, and what is due."""

    title = gettext_lazy("Subscriptions")
    order = 321
    areas = ("finance",)
    buttons = ("extend", "end")
    list_display = ("person", "plan", "shown_price", "shown_state", "period_ends_at", "grace_until")
    list_filter = ("state", "plan", "ended_why")
    list_select_related = ("person", "plan")
    search_fields = ("person__username",)
    ordering = ("-period_ends_at",)
    fields = (
        *("id", "person", "plan", "next_plan", "shown_price", "gateway", "shown_state"),
        *("began_at", "period_began_at", "period_ends_at", "cancel_asked_at", "paused_at"),
        *("due_since", "attempts", "retry_at", "grace_until", "renewal", "months"),
        *("ended_at", "ended_why"),
    )
    empty_says = gettext_lazy("Members with a plan that is paid are listed here.")

    @admin.display(description=gettext_lazy("price of a month"), ordering="price_minor")
    def shown_price(self, one: Subscription) -> str:
        return str(one.price)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, one: Subscription) -> SafeString:
        if one.paused_at and one.is_live:
            return chip(_("rests: disputed"), "danger")
        kinds = {_State.ACTIVE: "ok", _State.PAST_DUE: "danger"}
        return chip(one.get_state_display(), kinds.get(_State(one.state), ""))

    @admin.display(description=gettext_lazy("months"))
    def months(self, one: Subscription) -> str:
        every = one.periods.select_related("plan", "payment").order_by("-began_at")[:24]
        return "\n".join(
            f"{row.began_at:%Y-%m-%d} – {row.ends_at:%Y-%m-%d}, {row.plan}:"
            f" {row.get_kind_display()}, {row.payment.amount if row.payment else '—'}"
            for row in every
        )

    @button(
        gettext_lazy("Extend"),
        form=ExtendForm,
        again=True,
        when=lambda one: one.is_live,
    )
    def extend(self, request: HttpRequest, one: Subscription, told: dict[str, Any]) -> str:
        by: str = request.caller.audience  # type: ignore[attr-defined]
        extend(subscription=one, **told, by=by, at=billing_clock.now())
        return _("It lasts longer, and the member is told.")

    @button(
        gettext_lazy("End now"),
        form=ReasonForm,
        danger=True,
        again=True,
        when=lambda one: one.is_live,
    )
    def end(self, request: HttpRequest, one: Subscription, told: dict[str, Any]) -> str:
        by: str = request.caller.audience  # type: ignore[attr-defined]
        end_for(subscription=one, **told, by=by, at=billing_clock.now())
        return _("It has ended, and the member is told. Money goes back at its payment.")


def tiles(request: HttpRequest) -> Any:
    """Say how many subscriptions there are, and how many are not paid."""
    url = reverse("admin:plans_subscription_changelist")
    live = Subscription.objects.live()
    yield Tile(_("Subscriptions"), live.count(), url=url)
    if due := live.filter(state=_State.PAST_DUE).count():
        yield Tile(_("Not paid"), due, url=f"{url}?state__exact={_State.PAST_DUE}", urgent=True)


register_tiles(tiles, areas=("finance",))
