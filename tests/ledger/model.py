"""What the books must say, told by plain dictionaries: written from the rules, apart from the code.

It imports nothing of the product. Who holds an amount is a name; a guest may be claimed by a
person. Each verb does what the rules say, or raises ``Refused`` and changes nothing.
"""

from collections import defaultdict
from dataclasses import dataclass, field


class Refused(Exception):
    pass


@dataclass
class SetAside:
    """An amount set aside for a call, until it is settled or released."""

    whose: str
    amount: int
    deadline: int


@dataclass
class Frozen:
    whose: str
    amount: int


@dataclass
class Brought:
    """What a guest brought along to a person, in credits and in debt."""

    person: str
    credits: int = 0
    debt: int = 0


@dataclass
class Books:
    wallet: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    debt: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    calls: dict[str, SetAside] = field(default_factory=dict)
    open: dict[str, SetAside] = field(default_factory=dict)  # those of the calls
    frozen: dict[str, Frozen] = field(default_factory=dict)
    ice: dict[str, Frozen] = field(default_factory=dict)  # what of it is not thawed
    claims: dict[str, Brought] = field(default_factory=dict)
    payments: dict[str, tuple[str, int]] = field(default_factory=dict)
    done: dict[str, object] = field(default_factory=dict)
    given_out: int = 0
    earned: int = 0

    # What stands

    def held(self, whose: str) -> int:
        return sum(one.amount for one in self.open.values() if one.whose == whose)

    def cold(self, whose: str) -> int:
        return sum(one.amount for one in self.ice.values() if one.whose == whose)

    # Verbs

    def give(self, key: str, whose: str, amount: int) -> None:
        if key in self.done:
            return
        self.done[key] = None
        self.given_out += amount
        self._into_wallet(whose, amount)

    def take_back(self, key: str, whose: str, amount: int) -> tuple[int, int]:
        if key not in self.done:
            whose = self._answers_for(whose)
            taken = min(amount, self.wallet[whose])
            self.wallet[whose] -= taken
            self.debt[whose] += amount - taken
            self.given_out -= amount
            self.done[key] = (taken, amount - taken)
        said = self.done[key]
        assert isinstance(said, tuple)
        return said

    def pay(self, key: str, whose: str, amount: int) -> None:
        if key in self.done:
            return
        self._out_of_wallet(whose, amount)
        self.done[key] = None
        self.earned += amount
        self.payments[key] = (whose, amount)

    def reverse(self, key: str) -> None:
        """Give back a payment, once."""
        if f"reverse:{key}" in self.done:
            return
        whose, amount = self.payments[key]
        self.done[f"reverse:{key}"] = None
        self.earned -= amount
        self._into_wallet(whose, amount)

    def set_aside(self, key: str, whose: str, amount: int, deadline: int) -> None:
        if key in self.calls:
            return
        self._out_of_wallet(whose, amount)
        self.calls[key] = self.open[key] = SetAside(whose, amount, deadline)

    def settle(self, key: str, amount: int) -> None:
        call = self.open.pop(key, None)
        if call is None:
            return
        charged = max(0, min(amount, call.amount))
        self.earned += charged
        self._into_wallet(call.whose, call.amount - charged)

    def release(self, key: str) -> None:
        self.settle(key, 0)

    def expire(self, now: int, known: dict[str, int]) -> None:
        """Settle what is past its deadline, for what the other side knows it cost; else wait."""
        for key, call in [*self.open.items()]:
            if call.deadline < now and key in known:
                self.settle(key, known[key])

    def freeze(self, key: str, whose: str, amount: int) -> int:
        if key not in self.frozen:
            whose = self._answers_for(whose)
            amount = min(amount, self.wallet[whose])
            self.wallet[whose] -= amount
            self.frozen[key] = self.ice[key] = Frozen(whose, amount)
        return self.frozen[key].amount

    def thaw(self, key: str) -> int:
        ice = self.frozen.get(key)
        if ice is None:
            return 0
        if self.ice.pop(key, None):
            self._into_wallet(ice.whose, ice.amount)
        return ice.amount

    def claim(self, guest: str, person: str) -> None:
        if guest in self.claims:
            raise Refused
        self.claims[guest] = Brought(person)
        self._bring(guest)

    def undo(self, guest: str) -> None:
        brought = self.claims.get(guest)
        if brought is None:
            raise Refused
        person = brought.person
        if self.wallet[person] < brought.credits or self.debt[person] < brought.debt:
            raise Refused
        del self.claims[guest]
        self.wallet[person] -= brought.credits
        self.debt[person] -= brought.debt
        self.debt[guest] += brought.debt
        self.wallet[guest] += brought.credits
        self._pay_debt(guest)

    # What they are made of

    def _answers_for(self, whose: str) -> str:
        return self.claims[whose].person if whose in self.claims else whose

    def _into_wallet(self, whose: str, amount: int) -> None:
        self.wallet[whose] += amount
        self._pay_debt(whose)
        if whose in self.claims:
            self._bring(whose)

    def _out_of_wallet(self, whose: str, amount: int) -> None:
        if self.wallet[whose] < amount:
            raise Refused
        self.wallet[whose] -= amount

    def _pay_debt(self, whose: str) -> None:
        paid = min(self.wallet[whose], self.debt[whose])
        self.wallet[whose] -= paid
        self.debt[whose] -= paid

    def _bring(self, guest: str) -> None:
        brought = self.claims[guest]
        credits_, debt = self.wallet[guest], self.debt[guest]
        self.wallet[guest] = self.debt[guest] = 0
        brought.credits += credits_
        brought.debt += debt
        self.wallet[brought.person] += credits_
        self.debt[brought.person] += debt
        self._pay_debt(brought.person)
