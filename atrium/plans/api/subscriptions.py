from typing import Annotated, cast

from django.http import HttpRequest
from ninja import Query, Router

from atrium.payments import billing_clock
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.people.scopes import ACCOUNT, scope
from atrium.plans.actions import choosing
from atrium.plans.previews import preview
from atrium.plans.queries import plan_of, plan_to_choose, plans_to_choose, subscription_of
from atrium.plans.schemas.plans import (
    CancelIn,
    ChooseIn,
    ChosenOut,
    MyPlanOut,
    PayIn,
    PlanList,
    PlanOut,
    PreviewOut,
    SubscriptionOut,
    ToPayOut,
)
from atrium.web.policy import policy
from atrium.web.schemas import errors

router = Router(tags=["plans"])
Slug = Annotated[str, Query(max_length=40, description="The `slug` of a plan.")]


@router.get("/plans", response=PlanList, summary="List the plans")
@policy(who="anyone")
def list_plans(request: HttpRequest) -> PlanList:
    """Those that can be chosen, in their order."""
    return PlanList(items=[PlanOut.of(plan) for plan in plans_to_choose()])


@router.get("/subscription", response=MyPlanOut, summary="Your plan")
@policy(who="member")
def read_subscription(request: HttpRequest) -> MyPlanOut:
    """The plan that holds now, and the subscription it comes from."""
    caller = _caller(request)
    mine = subscription_of(caller)
    return MyPlanOut(
        plan=PlanOut.of(plan_of(caller, billing_clock.now())),
        subscription=SubscriptionOut.of(mine) if mine else None,
    )


@router.get(
    "/subscription/preview",
    response={200: PreviewOut, **errors(404)},
    summary="What choosing a plan would do",
)
@policy(who="member")
def preview_choice(request: HttpRequest, plan: Slug) -> PreviewOut:
    """Nothing is changed. What is shown can be had for half an hour, just as it is shown."""
    caller = _caller(request)
    seen = preview(
        plan=plan_to_choose(plan), subscription=subscription_of(caller), at=billing_clock.now()
    )
    return PreviewOut.of(seen, person_id=cast(User, caller.person).pk)


@router.post(
    "/subscription/choose", response={200: ChosenOut, **errors(409)}, summary="Choose a plan"
)
@scope(ACCOUNT)
@policy(who="member")
def choose(request: HttpRequest, asked: ChooseIn) -> ChosenOut:
    """Have done what was shown. Where something is to be paid, it counts once that is paid."""
    caller = _caller(request)
    payment = choosing.choose(
        by=caller, seal=asked.preview, gateway=asked.gateway, at=billing_clock.now()
    )
    mine = subscription_of(caller)
    return ChosenOut(
        payment=ToPayOut.of(payment) if payment and payment.amount_minor else None,
        subscription=SubscriptionOut.of(mine) if mine else None,
    )


@router.post(
    "/subscription/cancel",
    response={200: SubscriptionOut, **errors(404)},
    summary="End your plan",
)
@scope(ACCOUNT)
@policy(who="member")
def cancel(request: HttpRequest, asked: CancelIn) -> SubscriptionOut:
    """With the period, or at once; what was paid is not paid back."""
    ended = choosing.cancel(by=_caller(request), now=asked.now, at=billing_clock.now())
    return SubscriptionOut.of(ended)


@router.post(
    "/subscription/resume",
    response={200: SubscriptionOut, **errors(404, 409)},
    summary="Let your plan go on",
)
@scope(ACCOUNT)
@policy(who="member")
def resume(request: HttpRequest) -> SubscriptionOut:
    """What was chosen for the next period is dropped."""
    return SubscriptionOut.of(choosing.resume(by=_caller(request), at=billing_clock.now()))


@router.post(
    "/subscription/pay",
    response={200: ToPayOut, **errors(404, 409)},
    summary="Pay the period that is due",
)
@scope(ACCOUNT)
@policy(who="member")
def pay(request: HttpRequest, asked: PayIn) -> ToPayOut:
    """The payment to make; the same one while it waits."""
    payment = choosing.pay_now(by=_caller(request), gateway=asked.gateway, at=billing_clock.now())
    return ToPayOut.of(payment)


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
