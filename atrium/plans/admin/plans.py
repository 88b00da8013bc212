from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.kit.credits import shown_balance
from atrium.payments import billing_clock
from atrium.plans.actions.offering import add_plan, allow, change_plan, put_on_sale
from atrium.plans.console_forms import (
    AllowForm,
    ChangePlanForm,
    NewPlanForm,
    said_of,
    terms_of,
)
from atrium.plans.models import Plan
from atrium.plans.offered import points_of
from atrium.web.console import button
from atrium.web.console_forms import MakingAdmin
from atrium.web.templatetags.ui import ago, chip


@admin.register(Plan)
class PlanAdmin(MakingAdmin):
    """What is offered, and what was."""

    title = gettext_lazy("Plans")
    order = 320
    areas = ("finance",)
    buttons = ("change", "allow", "sell", "withdraw")
    make_form = NewPlanForm
    make_label = gettext_lazy("Make a plan")
    make_says = gettext_lazy("It is sold once you put it on sale.")
    list_display = ("__str__", "slug", "shown_price", "tokens", "members", "state")
    list_filter = ("is_sold",)
    ordering = ("order", "price_minor")
    fields = (
        *("name", "slug", "shown_price", "tokens", "credits_a_month", "storage", "allowed"),
        *("order", "state", "members", "changed"),
    )

    def _by(self, request: HttpRequest) -> str:
        by: str = request.caller.audience  # type: ignore[attr-defined]
        return by

    @admin.display(description=gettext_lazy("price of a month"), ordering="price_minor")
    def shown_price(self, plan: Plan) -> str:
        return str(plan.price)

    @admin.display(description=gettext_lazy("tokens every 6 hours"), ordering="tokens_per_window")
    def tokens(self, plan: Plan) -> str:
        return said_of(plan.tokens_per_window)

    @admin.display(description=gettext_lazy("credits a month"))
    def credits_a_month(self, plan: Plan) -> str:
        return shown_balance(plan.monthly_credits)

    @admin.display(description=gettext_lazy("offers"))
    def storage(self, plan: Plan) -> str:
        return " · ".join(points_of(plan))

    @admin.display(description=gettext_lazy("counted by the month"))
    def allowed(self, plan: Plan) -> str:
        every = plan.allowances.order_by("action")
        return ", ".join(f"{one.action}: {said_of(one.per_month)}" for one in every) or "—"

    @admin.display(description=gettext_lazy("members"))
    def members(self, plan: Plan) -> int:
        return plan.subscriptions.filter(ended_at=None).count()

    @admin.display(description=gettext_lazy("state"), ordering="is_sold")
    def state(self, plan: Plan) -> SafeString:
        return chip(_("on sale"), "ok") if plan.is_sold else chip(_("not sold"))

    @admin.display(description=gettext_lazy("price changed"))
    def changed(self, plan: Plan) -> SafeString:
        return ago(plan.price_changed_at)

    def make(self, request: HttpRequest, told: dict[str, Any]) -> str:
        add_plan(slug=told["slug"], terms=told["terms"], by=self._by(request), at=clock.now())
        return _("The plan is made. Put it on sale when it is right.")

    @button(
        gettext_lazy("Change"),
        form=ChangePlanForm,
        initial=terms_of,
        again=True,
    )
    def change(self, request: HttpRequest, plan: Plan, told: dict[str, Any]) -> str:
        now = billing_clock.now()
        change_plan(plan=plan, terms=told["terms"], by=self._by(request), at=now)
        return _("The plan is changed. A new price counts with each next month.")

    @button(gettext_lazy("Count something"), form=AllowForm, again=True)
    def allow(self, request: HttpRequest, plan: Plan, told: dict[str, Any]) -> str:
        allow(plan=plan, **told, by=self._by(request), at=clock.now())
        return _("It counts from now on.")

    @button(
        gettext_lazy("Put on sale"),
        confirm=gettext_lazy("Everybody can choose it then."),
        when=lambda plan: not plan.is_sold,
    )
    def sell(self, request: HttpRequest, plan: Plan, told: dict[str, Any]) -> str:
        put_on_sale(plan=plan, sold=True, by=self._by(request), at=clock.now())
        return _("The plan is on sale.")

    @button(
        gettext_lazy("Take off sale"),
        confirm=gettext_lazy("Nobody can choose it any more. Who has it keeps it, and renews."),
        danger=True,
        when=lambda plan: plan.is_sold,
    )
    def withdraw(self, request: HttpRequest, plan: Plan, told: dict[str, Any]) -> str:
        put_on_sale(plan=plan, sold=False, by=self._by(request), at=clock.now())
        return _("The plan is no longer offered.")
