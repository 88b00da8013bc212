from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.payments import billing_clock
from atrium.payments.leaving import lead_to_gateway
from atrium.payments.states import State
from atrium.plans.actions import choosing
from atrium.plans.actions.renewal import method_of, price_to_renew
from atrium.plans.forms import WayToPayForm
from atrium.plans.models import Period, Subscription
from atrium.plans.offered import points_of, ways_to_pay
from atrium.plans.pages.asking import caller_in
from atrium.plans.queries import plan_of, subscription_of
from atrium.web.policy import page
from atrium.web.render import render_page

MONTHS_SHOWN = 24


@page("GET", who="member")
def subscription(request: HttpRequest) -> HttpResponse:
    """Show the member's plan: until when, what comes next, what was paid for it."""
    caller, now = caller_in(request), billing_clock.now()
    mine = subscription_of(caller)
    plan = plan_of(caller, now)
    months = Period.objects.visible_to(caller).select_related("plan", "plan_before", "payment")
    context = {
        "plan": plan,
        "points": points_of(plan),
        "subscription": mine,
        "is_over": bool(mine and mine.cancel_asked_at and mine.period_ends_at <= now),
        "months": months.order_by("-began_at", "-pk")[:MONTHS_SHOWN],
        **(_next(mine) if mine else {}),
    }
    return render_page(
        request, "plans/subscription.html", context, fragment="plans/parts/subscription.html"
    )


@page("GET", "POST", who="member")
def cancel(request: HttpRequest) -> HttpResponse:
    """Ask when the plan shall end; POST has it so."""
    now = billing_clock.now()
    mine = subscription_of(caller_in(request))
    if request.method == "POST":
        at_once = request.POST.get("when") == "now"
        choosing.cancel(by=caller_in(request), now=at_once, at=now)
        messages.success(request, _("Your plan has ended.") if at_once else _("It will end."))
        return HttpResponseRedirect(reverse("plans:subscription"))
    if mine is None:
        return HttpResponseRedirect(reverse("plans:subscription"))
    return render_page(request, "plans/cancel.html", {"subscription": mine})


@page("POST", who="member")
def resume(request: HttpRequest) -> HttpResponse:
    """Let the plan go on as it is."""
    choosing.resume(by=caller_in(request), at=billing_clock.now())
    messages.success(request, _("Your plan goes on."))
    return HttpResponseRedirect(reverse("plans:subscription"))


@page("POST", who="member")
def pay(request: HttpRequest) -> HttpResponse:
    """Lead to the payment of the month that is due."""
    now = billing_clock.now()
    mine = subscription_of(caller_in(request))
    form = WayToPayForm(request.POST, ways=ways_to_pay(mine.currency) if mine else [])
    waits = mine is not None and mine.renewal is not None and mine.renewal.state == State.PENDING
    gateway = "" if waits or not form.is_valid() else form.chosen
    payment = choosing.pay_now(by=caller_in(request), gateway=gateway, at=now)
    return lead_to_gateway(request, payment, at=now)


def _next(mine: Subscription) -> dict[str, object]:
    """Return what the next period is, costs, and is paid with."""
    plan = mine.next_plan or mine.plan
    return {
        "next_plan": plan,
        "next_price": price_to_renew(mine, plan=plan, at=mine.period_ends_at),
        "method": method_of(mine),
        "form": WayToPayForm(ways=ways_to_pay(mine.currency)),
    }
