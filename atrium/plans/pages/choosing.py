from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.kit.errors import Refusal
from atrium.payments import billing_clock
from atrium.payments.leaving import lead_to_gateway
from atrium.plans.actions.choosing import AlreadySubscribed, choose
from atrium.plans.forms import ChoosePlanForm
from atrium.plans.offered import points_of, ways_to_pay
from atrium.plans.pages.asking import caller_in, me_in
from atrium.plans.previews import OutdatedPreview, Preview, Step, preview
from atrium.plans.queries import plan_of, plan_to_choose, plans_to_choose, subscription_of
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="anyone")
def plans(request: HttpRequest) -> HttpResponse:
    """Show the plans side by side, and which is whose."""
    caller, now = caller_in(request), billing_clock.now()
    mine = subscription_of(caller)
    context = {
        "caller": caller,
        "current": plan_of(caller, now) if caller.is_member else None,
        "subscription": mine,
        "offers": [
            (plan, points_of(plan), _what(preview(plan=plan, subscription=mine, at=now)))
            for plan in plans_to_choose()
        ],
    }
    return render_page(request, "plans/plans.html", context)


@page("GET", "POST", who="member")
def plan(request: HttpRequest, plan_slug: str) -> HttpResponse:
    """Show what choosing a plan does and costs; POST does just that."""
    chosen, caller, now = plan_to_choose(plan_slug), caller_in(request), billing_clock.now()
    seen = preview(plan=chosen, subscription=subscription_of(caller), at=now)
    ways = ways_to_pay(chosen.currency)
    if request.method == "POST":
        form = ChoosePlanForm(request.POST, ways=ways)
        if form.is_valid():
            try:
                return _choose(request, form)
            except OutdatedPreview as refused:
                messages.warning(request, f"{refused.detail} {refused.way_on}")
                return HttpResponseRedirect(request.path)
            except AlreadySubscribed as refused:
                messages.info(request, f"{refused.detail} {_('Here is what a change costs.')}")
                return HttpResponseRedirect(request.path)
            except Refusal as refused:
                form.add_error(None, f"{refused.detail} {refused.way_on}".strip())
        status = 422
    else:
        form, status = ChoosePlanForm(ways=ways), 200
    return _shown(request, seen, form, status=status)


def _choose(request: HttpRequest, form: ChoosePlanForm) -> HttpResponse:
    now = billing_clock.now()
    seal, gateway = form.cleaned_data["seal"], form.chosen
    payment = choose(by=caller_in(request), seal=seal, gateway=gateway, at=now)
    if payment is None:
        messages.success(request, _("That is how it will be."))
        return HttpResponseRedirect(reverse("plans:subscription"))
    return lead_to_gateway(request, payment, at=now)


def _shown(
    request: HttpRequest, seen: Preview, form: ChoosePlanForm, *, status: int
) -> HttpResponse:
    context = {
        "seen": seen,
        "steps": Step,
        "points": points_of(seen.plan),
        "form": form,
        "seal": seen.sealed(person_id=me_in(request).pk),
    }
    answer = render_page(request, "plans/plan.html", context, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _what(seen: Preview) -> str:
    """Say on the button what choosing does."""
    words = {
        Step.START: _("Choose"),
        Step.UPGRADE: _("Upgrade"),
        Step.DOWNGRADE: _("Change to this"),
        Step.END: _("Go back to this"),
        Step.STAY: "",
    }
    return words[seen.step]
