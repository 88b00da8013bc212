"""A subscription from its first month to its last, with the clock turned."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atrium.ledger.queries import balance_of, first_difference
from atrium.notifications.models import Mail, Notification
from atrium.payments.learning import learn_progress
from atrium.payments.models import Payment, SavedMethod
from atrium.payments.states import Progress, State
from atrium.people.belongings import Whose, part_of
from atrium.people.models import User
from atrium.plans.actions.choosing import AlreadySubscribed, cancel, choose, pay_now, resume
from atrium.plans.models import Period, Subscription
from atrium.plans.previews import OutdatedPreview, Step
from atrium.plans.queries import plan_of
from tests import make
from tests.plans.till import Till, mine_of, order, shown, subscribed, work

_State, _Why = Subscription.State, Subscription.Why
CREDIT = 1_000_000


def day(month: int, day: int, year: int = 2027) -> datetime:
    return datetime(year, month, day, 12, 0, tzinfo=UTC)


def slug_of(person: User) -> str:
    return plan_of(make.caller(person)).slug


def test_everybody_has_a_plan_without_paying(till: Till, alice: User) -> None:
    assert slug_of(alice) == "basic"
    assert plan_of(make.caller(make.guest())).slug == "guest"


def test_a_plan_begins_when_it_is_paid_and_not_before(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(1, 31)
    seen = shown(alice, "premium_starter")
    assert (seen.step, seen.due.minor) == (Step.START, 999)
    payment = order(alice, "premium_starter")
    assert payment
    assert slug_of(alice) == "basic"
    till.pay(payment)
    assert slug_of(alice) == "premium_starter"
    mine = mine_of(alice)
    assert (mine.period_began_at, mine.period_ends_at) == (day(1, 31), day(2, 28))
    assert balance_of(f"person:{alice.pk}") == 50 * CREDIT
    assert seen.renews_at == mine.period_ends_at


def test_it_renews_on_its_day_with_credits_for_each_month(
    till: Till, clock: Any, alice: User
) -> None:
    clock.now = day(1, 31)
    subscribed(alice, till)
    ends = []
    for moment in (day(2, 28), day(3, 31), day(4, 30)):
        clock.now = moment
        work()
        work()
        ends.append(mine_of(alice).period_ends_at)
    assert ends == [day(3, 31), day(4, 30), day(5, 31)]
    assert till.charged == [999] * 3
    assert balance_of(f"person:{alice.pk}") == 4 * 50 * CREDIT
    assert first_difference() is None


def test_nothing_is_due_a_moment_before(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(1, 31)
    subscribed(alice, till)
    clock.now = day(2, 28) - timedelta(seconds=1)
    work()
    assert till.charged == []


def test_a_clock_that_stood_for_two_months_charges_for_one(
    till: Till, clock: Any, alice: User
) -> None:
    clock.now = day(1, 31)
    subscribed(alice, till)
    clock.now = day(4, 5)
    assert slug_of(alice) == "premium_starter"  # nobody waits for our clock
    work()
    mine = mine_of(alice)
    assert till.charged == [999]
    assert (mine.period_began_at, mine.period_ends_at) == (day(3, 31), day(4, 30))
    assert balance_of(f"person:{alice.pk}") == 2 * 50 * CREDIT


def test_a_card_that_declines_is_tried_again_and_then_the_plan_ends(
    till: Till, clock: Any, alice: User
) -> None:
    clock.now = day(1, 1)
    subscribed(alice, till)
    till.card = "declines"
    clock.now = day(2, 1)
    work()
    mine = mine_of(alice)
    assert (mine.state, mine.attempts) == (_State.PAST_DUE, 1)
    assert slug_of(alice) == "premium_starter"
    for number, moment in enumerate((day(2, 2), day(2, 4), day(2, 6)), 2):
        clock.now = moment - timedelta(seconds=1)
        work()
        assert mine_of(alice).attempts == number - 1
        clock.now = moment
        work()
        assert mine_of(alice).attempts == number
    clock.now = day(2, 8)
    assert slug_of(alice) == "basic"  # at the moment itself, whenever the job comes
    work()
    mine = mine_of(alice)
    assert (mine.state, mine.ended_why) == (_State.UNPAID, _Why.UNPAID)
    assert kinds_told(alice) == [
        *["plans.began", "plans.renewal_failed", "plans.renewal_failed", "plans.renewal_failed"],
        *["plans.last_warning", "plans.ended"],
    ]
    assert balance_of(f"person:{alice.pk}") == 50 * CREDIT


def test_a_card_that_pays_on_the_second_try_keeps_the_day(
    till: Till, clock: Any, alice: User
) -> None:
    clock.now = day(1, 31)
    subscribed(alice, till)
    till.card = "declines"
    clock.now = day(2, 28)
    work()
    till.card = "pays"
    clock.now = day(3, 1)
    work()
    mine = mine_of(alice)
    assert (mine.state, mine.attempts, mine.grace_until) == (_State.ACTIVE, 0, None)
    assert (mine.period_began_at, mine.period_ends_at) == (day(2, 28), day(3, 31))


def test_a_charge_without_an_answer_is_not_repeated(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(1, 1)
    subscribed(alice, till)
    till.card = "is silent"
    clock.now = day(2, 1)
    work()
    payment = mine_of(alice).renewal
    assert payment
    assert payment.state == State.UNKNOWN
    till.card = "pays"
    clock.now = day(2, 4)
    work()
    assert till.charged == []
    till.pay(payment)  # it had an effect after all
    assert mine_of(alice).state == _State.ACTIVE
    assert mine_of(alice).period_ends_at == day(3, 1)


def test_where_nothing_can_be_charged_again_a_payment_is_asked_for(
    till: Till, clock: Any, alice: User
) -> None:
    till.can_charge_again = False
    clock.now = day(1, 1)
    subscribed(alice, till)
    clock.now = day(2, 1)
    work()
    mine = mine_of(alice)
    assert mine.state == _State.PAST_DUE
    assert kinds_told(alice)[-1] == "plans.payment_needed"
    clock.now = day(2, 6)
    work()
    assert kinds_told(alice)[-1] == "plans.last_warning"
    payment = pay_now(by=make.caller(alice), at=clock.now)
    assert payment == mine.renewal
    till.pay(payment)
    assert mine_of(alice).period_ends_at == day(3, 1)


def test_who_is_past_due_pays_by_hand(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(1, 1)
    subscribed(alice, till)
    till.card = "declines"
    clock.now = day(2, 1)
    work()
    payment = pay_now(by=make.caller(alice), at=clock.now)
    assert pay_now(by=make.caller(alice), at=clock.now) == payment
    till.pay(payment)
    mine = mine_of(alice)
    assert (mine.state, mine.period_ends_at) == (_State.ACTIVE, day(3, 1))


def test_a_checkout_that_was_left_does_not_keep_the_clock_from_charging(
    till: Till, clock: Any, alice: User
) -> None:
    clock.now = day(1, 1)
    subscribed(alice, till)
    till.card = "declines"
    clock.now = day(2, 1)
    work()
    left = pay_now(by=make.caller(alice), at=clock.now)
    till.card = "pays"
    clock.now = day(2, 2)
    work()
    assert till.charged == [999]
    left.refresh_from_db()
    assert left.state == State.CANCELLED
    till.pay(left)  # late, and for nothing: it goes back
    work()
    assert [one.amount_minor for one in left.refunds.all()] == [999]
    assert mine_of(alice).period_ends_at == day(3, 1)


def test_a_renewal_paid_after_the_plan_ended_lets_it_go_on(
    till: Till, clock: Any, alice: User
) -> None:
    till.can_charge_again = False
    clock.now = day(1, 1)
    subscribed(alice, till)
    clock.now = day(2, 1)
    work()
    payment = mine_of(alice).renewal
    assert payment
    clock.now = day(2, 8)
    work()
    assert slug_of(alice) == "basic"
    clock.now = day(2, 20)
    till.pay(payment)
    mine = mine_of(alice)
    assert (mine.state, mine.period_ends_at) == (_State.ACTIVE, day(3, 20))
    assert slug_of(alice) == "premium_starter"


def test_a_second_checkout_leads_to_the_switch(till: Till, alice: User) -> None:
    seal = shown(alice, "premium_pro").sealed(person_id=alice.pk)
    subscribed(alice, till)
    with pytest.raises(AlreadySubscribed):
        order(alice, "premium_pro", seal=seal)


def test_of_two_checkouts_both_paid_one_goes_back(till: Till, clock: Any, alice: User) -> None:
    first = order(alice, "premium_starter")
    clock.forward(minutes=1)
    second = order(alice, "premium_pro")
    assert first
    assert second
    till.pay(second)
    till.pay(first)
    work()
    assert slug_of(alice) == "premium_pro"
    assert [one.amount_minor for one in first.refunds.all()] == [999]
    assert not second.refunds.exists()
    assert Subscription.objects.count() == 1


def test_the_same_preview_is_one_payment(till: Till, clock: Any, alice: User) -> None:
    seal = shown(alice, "premium_pro").sealed(person_id=alice.pk)
    assert order(alice, "premium_pro", seal=seal) == order(alice, "premium_pro", seal=seal)


def test_who_pays_after_cancelling_the_payment_has_the_plan(
    till: Till, clock: Any, alice: User
) -> None:
    payment = order(alice, "premium_pro")
    assert payment
    learn_progress(payment=payment, progress=Progress.CANCELLED, at=clock.now)
    till.pay(payment)
    assert slug_of(alice) == "premium_pro"


def test_a_preview_is_one_persons_and_good_for_half_an_hour(
    till: Till, clock: Any, alice: User, bob: User
) -> None:
    seal = shown(alice, "premium_pro").sealed(person_id=alice.pk)
    with pytest.raises(OutdatedPreview):
        choose(by=make.caller(bob), seal=seal, gateway="till", at=clock.now)
    with pytest.raises(OutdatedPreview):
        choose(by=make.caller(alice), seal=f"{seal}0", gateway="till", at=clock.now)
    clock.forward(minutes=30)
    with pytest.raises(OutdatedPreview):
        order(alice, "premium_pro", seal=seal)
    assert not Payment.objects.exists()


def test_a_plan_cancelled_at_its_end_is_used_until_then(
    till: Till, clock: Any, alice: User
) -> None:
    clock.now = day(1, 1)
    subscribed(alice, till)
    cancel(by=make.caller(alice), at=clock.now)
    clock.now = day(2, 1) - timedelta(seconds=1)
    work()
    assert slug_of(alice) == "premium_starter"
    clock.now = day(2, 1)
    assert slug_of(alice) == "basic"
    work()
    assert (mine_of(alice).state, mine_of(alice).ended_why) == (_State.CANCELED, _Why.CANCELED)
    assert till.charged == []


def test_a_plan_cancelled_may_go_on_after_all(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(1, 1)
    subscribed(alice, till)
    cancel(by=make.caller(alice), at=clock.now)
    resume(by=make.caller(alice), at=clock.now)
    clock.now = day(2, 1)
    work()
    assert mine_of(alice).period_ends_at == day(3, 1)


def test_a_plan_cancelled_now_ends_now(till: Till, clock: Any, alice: User) -> None:
    subscribed(alice, till)
    cancel(by=make.caller(alice), now=True, at=clock.now)
    assert slug_of(alice) == "basic"
    subscribed(alice, till, "premium_pro")
    assert slug_of(alice) == "premium_pro"


def test_each_payment_says_what_it_gave(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(1, 1)
    subscribed(alice, till)
    clock.now = day(2, 1)
    work()
    rows = Period.objects.visible_to(make.caller(alice)).order_by("began_at")
    assert [(one.kind, one.began_at, one.ends_at) for one in rows] == [
        ("start", day(1, 1), day(2, 1)),
        ("renewal", day(2, 1), day(3, 1)),
    ]


def kinds_told(person: User) -> list[str]:
    told = Notification.objects.filter(person=person, kind__startswith="plans.")
    return list(told.order_by("made_at", "pk").values_list("kind", flat=True))


def test_where_nothing_can_be_paid_back_somebody_has_to_look(
    till: Till, clock: Any, alice: User
) -> None:
    first = order(alice, "premium_starter")
    clock.forward(minutes=1)
    second = order(alice, "premium_pro")
    assert first
    assert second
    till.can_refund = False
    till.pay(second)
    till.pay(first)
    work()
    first.refresh_from_db()
    assert first.needs_look == "refund"


def test_nobody_pays_while_they_are_suspended(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(1, 1)
    subscribed(alice, till)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    clock.now = day(3, 10)
    work()
    assert till.charged == []
    User.objects.filter(pk=alice.pk).update(is_active=True)
    work()
    assert till.charged == [999]
    assert mine_of(alice).period_began_at == day(3, 1)


def test_what_was_kept_for_the_renewals_is_forgotten_with_the_plan(
    till: Till, clock: Any, alice: User
) -> None:
    subscribed(alice, till)
    assert SavedMethod.objects.get().ended_at is None
    cancel(by=make.caller(alice), now=True, at=clock.now)
    assert SavedMethod.objects.get().ended_at == clock.now


def test_letters_go_out_when_a_renewal_fails(till: Till, clock: Any) -> None:
    clock.now = day(1, 1)
    dora = make.person(username="dora", email="dora@x.example")
    subscribed(dora, till)
    till.card = "declines"
    for moment in (day(2, 1), day(2, 2), day(2, 4), day(2, 6), day(2, 8)):
        clock.now = moment
        work()
    written = Mail.objects.filter(notification__person=dora).order_by("made_at", "pk")
    kinds = written.values_list("notification__kind", flat=True)
    assert [kind for kind in kinds if kind.startswith("plans.")] == [
        *["plans.began", "plans.renewal_failed", "plans.renewal_failed", "plans.renewal_failed"],
        *["plans.last_warning", "plans.ended"],
    ]


def test_who_leaves_is_charged_no_more(till: Till, clock: Any, alice: User) -> None:
    clock.now = day(1, 1)
    subscribed(alice, till)
    ends = part_of("plans").ends
    assert ends
    ends(Whose(person=alice), clock.now)
    clock.now = day(2, 1)
    work()
    assert till.charged == []
    assert not mine_of(alice).is_live
