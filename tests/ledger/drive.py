"""Drives the ledger and the model of it with the same random deeds, and compares what both say."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction

from atrium.kit.ids import new_id
from atrium.ledger import actions as ledger
from atrium.ledger import orphans
from atrium.ledger.actions import Move
from atrium.ledger.claim import Wallets
from atrium.ledger.models import Account, Entry, Hold, Leg
from atrium.ledger.posting import PLATFORM
from atrium.ledger.queries import first_difference
from atrium.people.actions import CannotUndo
from atrium.people.models import Claim
from tests import make
from tests.ledger.model import Books, Refused

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
KIND = "of the model"
_REMEMBERED = 40

WALLET, DEBT, HELD, FROZEN = (
    Account.Purpose.WALLET,
    Account.Purpose.DEBT,
    Account.Purpose.HELD,
    Account.Purpose.FROZEN,
)


class Differs(AssertionError):
    """The ledger and the model say two things."""


class Drive:
    """One run of random deeds; the same ``seed`` does the same again."""

    def __init__(self, seed: int, *, people: int = 5, guests: int = 4) -> None:
        self.chance = random.Random(seed)
        self.seed = seed
        self.books = Books()
        self.people = {f"person:{one.pk}": one for one in (make.person() for _ in range(people))}
        self.guests = {f"guest:{one.pk}": one for one in (make.guest() for _ in range(guests))}
        self.everybody = [*self.people, *self.guests]
        self.done: list[Callable[[], None]] = []  # to be done once more
        self.known: dict[str, int] = {}  # what the other side knows a call cost
        self.second = self.deeds = 0
        self.deed = ""
        self.kinds: dict[str, int] = {}
        self._open: dict[str, Hold] = {}
        self._ice: list[str] = []
        self._paid: list[str] = []

    @property
    def at(self) -> datetime:
        return BEGAN + timedelta(seconds=self.second)

    def go(self, posts: int, *, look_every: int = 25, told: Callable[[int], object] = abs) -> None:
        """Do random deeds until there are so many more entries.

        :raises Differs: with the seed and the deed after which something did
        """
        self.give()
        first = last = _newest()  # numbers go on where tests before us left them
        deeds = [getattr(self, name) for name, weight in DEEDS for _each in range(weight)]
        with self._answering():
            while last - first < posts:
                for _each in range(look_every):
                    self.second += 1
                    self.deeds += 1
                    self.chance.choice(deeds)()
                self.look()
                last = _newest()
                told(last - first)
        self.look()
        if wrong := first_difference():
            self._differs("the books agree", str(wrong), "they do not")

    @contextmanager
    def _answering(self) -> Iterator[None]:
        orphans.register(KIND, lambda held, _at: self.known.get(held.key))
        try:
            yield
        finally:
            orphans._asked.pop(KIND)

    # Comparing

    def look(self) -> None:
        """Compare every account of everybody, and what was given out and earned."""
        accounts = Account.objects.filter(holder__in=self.everybody)
        kept = {(one.holder, one.purpose): one.balance or 0 for one in accounts}
        for whose in self.everybody:
            expected = {
                WALLET: self.books.wallet[whose],
                DEBT: -self.books.debt[whose],
                HELD: self.books.held(whose),
                FROZEN: self.books.cold(whose),
            }
            for purpose, amount in expected.items():
                if kept.get((whose, purpose), 0) != amount:
                    self._differs(f"{whose} {purpose}", kept.get((whose, purpose), 0), amount)

    def look_at_platform(self) -> None:
        """Compare what was given out and what was earned, which keep no balance."""
        for purpose, amount in (
            (Account.Purpose.ISSUED, -self.books.given_out),
            (Account.Purpose.REVENUE, self.books.earned),
        ):
            legs = Leg.objects.filter(account__holder=PLATFORM, account__purpose=purpose)
            total = sum(legs.values_list("amount", flat=True))
            if total != amount:
                self._differs(purpose, total, amount)

    def _same(self, ours: Callable[[], object], model: Callable[[], object]) -> None:
        """Do it in both; they refuse both or neither, and say the same."""
        name = self.deed
        self.kinds[name] = self.kinds.get(name, 0) + 1
        said, expected = _said(ours), _said(model)
        if said != expected:
            self._differs(name, said, expected)

    def _differs(self, what: str, ours: object, model: object) -> None:
        raise Differs(
            f"seed {self.seed}, deed {self.deeds} ({self.deed}): {what}: "
            f"the ledger says {ours}, the model {model}"
        )

    # Deeds

    def give(self) -> None:
        key, whose, amount = self._key(), self._somebody(), self._amount(60)
        self._remember("give", partial(self._give, key, whose, amount))

    def _give(self, key: str, whose: str, amount: int) -> None:
        self._same(
            lambda: ledger.grant(holder=whose, amount=amount, key=key, kind="gift", at=self.at),
            lambda: self.books.give(key, whose, amount),
        )

    def pay(self) -> None:
        key, whose, amount = self._key(), self._somebody(), self._amount(20)
        self._remember("pay", partial(self._pay, key, whose, amount))

    def _pay(self, key: str, whose: str, amount: int) -> None:
        legs = [
            Move(whose, WALLET, -amount),
            Move(PLATFORM, Account.Purpose.REVENUE, amount),
        ]
        if key not in self.books.done and self.books.wallet[whose] < amount:
            self.done.pop()  # a refused key is free: it would be paid later by chance
        self._same(
            lambda: ledger.post(key=key, kind="pay", legs=legs, at=self.at),
            lambda: self.books.pay(key, whose, amount),
        )
        if key in self.books.payments:
            self._paid = [*self._paid[-20:], key]

    def set_aside(self) -> None:
        key, whose, amount = self._key(), self._somebody(), self._amount(25)
        seconds = self.chance.randrange(5, 300)
        deadline = self.second + seconds
        self.deed = "set aside"

        def ours() -> None:
            self._open[key] = ledger.hold(
                key=key,
                holder=whose,
                amount=amount,
                kind=KIND,
                at=self.at,
                deadline=self.at + timedelta(seconds=seconds),
            )

        model = partial(self.books.set_aside, key, whose, amount, deadline)
        self._same(ours, model)
        if key in self._open and self.chance.random() < 0.3:
            self._same(ours, model)
        if key in self._open and self.chance.random() < 0.7:
            self.known[key] = self.chance.choice([0, amount // 2, amount, amount + 7])

    def settle(self) -> None:
        if self._open:
            key, amount = self._some_call(), self.chance.randrange(-3, 40)
            self._remember("settle", partial(self._settle, key, amount))

    def _settle(self, key: str, amount: int) -> None:
        held = self._open.get(key) or Hold.objects.get(key=key)
        self._same(
            lambda: ledger.settle(held=held, amount=amount, at=self.at),
            lambda: self.books.settle(key, amount),
        )

    def release(self) -> None:
        if self._open:
            self._remember("release", partial(self._release, self._some_call()))

    def _release(self, key: str) -> None:
        held = self._open.get(key) or Hold.objects.get(key=key)
        self._same(
            lambda: ledger.release(held=held, at=self.at),
            lambda: self.books.release(key),
        )

    def expire(self) -> None:
        self.deed = "expire"
        self.second += 3 * 3600  # after the longest pause between two questions
        for key in [one for one in self.books.open if one not in self.known]:  # by and by some do
            if self.chance.random() < 0.3:
                self.known[key] = self.chance.choice([0, 5, 50])
        self._same(lambda: _sweep(self.at), lambda: self.books.expire(self.second, self.known))
        ended = [key for key in self._open if key not in self.books.open]
        for key in ended[:-5]:
            del self._open[key]

    def take_back(self) -> None:
        key, whose, amount = self._key(), self._somebody(), self._amount(40)
        self._remember("take back", partial(self._take_back, key, whose, amount))

    def _take_back(self, key: str, whose: str, amount: int) -> None:
        self._same(
            lambda: tuple(
                ledger.take_back(holder=whose, amount=amount, key=key, kind="refund", at=self.at)
            ),
            lambda: self.books.take_back(key, whose, amount),
        )

    def freeze(self) -> None:
        key, whose, amount = self._key(), self._somebody(), self._amount(40)
        self._ice.append(key)
        self._remember("freeze", partial(self._freeze, key, whose, amount))

    def _freeze(self, key: str, whose: str, amount: int) -> None:
        self._same(
            lambda: ledger.freeze(holder=whose, amount=amount, key=key, at=self.at),
            lambda: self.books.freeze(key, whose, amount),
        )

    def thaw(self) -> None:
        if self._ice:
            key = self._ice.pop(self.chance.randrange(len(self._ice)))
            self._remember("thaw", partial(self._thaw, key))

    def _thaw(self, key: str) -> None:
        self._same(lambda: ledger.thaw(key=key, at=self.at), lambda: self.books.thaw(key))

    def claim(self) -> None:
        guest, person = self.chance.choice([*self.guests]), self.chance.choice([*self.people])
        self.deed = "claim"
        self._same(
            lambda: _claim(self.guests[guest].pk, self.people[person].pk, self.at),
            lambda: self.books.claim(guest, person),
        )

    def undo(self) -> None:
        guest = self.chance.choice([*self.guests])
        self.deed = "undo"
        self._same(lambda: _undo(self.guests[guest].pk, self.at), lambda: self.books.undo(guest))

    def reverse(self) -> None:
        """Give back what was paid, as who corrects a mistake does."""
        if self._paid:
            key = self._paid.pop(self.chance.randrange(len(self._paid)))
            self._remember("reverse", partial(self._reverse, key))

    def _reverse(self, key: str) -> None:
        whose, amount = self.books.payments[key]
        earned = Account.Purpose.REVENUE
        self._same(
            lambda: ledger.grant(
                holder=whose,
                amount=amount,
                key=f"reverse:{key}",
                kind="reversal",
                against=earned,
                at=self.at,
            ),
            lambda: self.books.reverse(key),
        )

    def again(self) -> None:
        """Do something of before once more, with its own key: it changes nothing."""
        if self.done:
            before = len(self.done)
            self.deed = "again"
            self.chance.choice(self.done)()
            del self.done[before:]

    # What deeds are made of

    def _remember(self, name: str, deed: Callable[[], None]) -> None:
        self.deed = name
        self.done.append(deed)
        del self.done[:-_REMEMBERED]
        deed()

    def _key(self) -> str:
        return str(new_id())

    def _somebody(self) -> str:
        return self.chance.choice(self.everybody)

    def _some_call(self) -> str:
        return self.chance.choice([*self._open])

    def _amount(self, most: int) -> int:
        return self.chance.randrange(1, most + 1)


DEEDS = (
    ("give", 22),
    ("pay", 12),
    ("set_aside", 24),
    ("settle", 12),
    ("release", 5),
    ("expire", 2),
    ("take_back", 7),
    ("freeze", 5),
    ("thaw", 5),
    ("claim", 2),
    ("undo", 1),
    ("reverse", 3),
    ("again", 14),
)


def _said(deed: Callable[[], object]) -> object:
    try:
        said = deed()
    except (ledger.NotEnough, CannotUndo, Refused):
        return "refused"
    return said if isinstance(said, int | tuple) else None


def _newest() -> int:
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _sweep(at: datetime) -> None:
    while ledger.end_orphans(at=at).asked:
        pass


@transaction.atomic
def _claim(guest_id: UUID, person_id: UUID, at: datetime) -> None:
    """Do what a claim does to the books, without all that it does elsewhere."""
    before = Claim.objects.filter(guest_id=guest_id)
    if before.standing().exists():
        raise Refused
    claim = Claim.objects.create(
        guest_id=guest_id, person_id=person_id, number=before.count() + 1, claimed_at=at
    )
    Wallets().come(claim, at=at, late=False)


@transaction.atomic
def _undo(guest_id: UUID, at: datetime) -> None:
    claim = Claim.objects.standing().filter(guest_id=guest_id).first()
    if claim is None:
        raise Refused
    Claim.objects.filter(pk=claim.pk).update(undone_at=at)
    Wallets().go_back(claim, at=at)
