"""What a gateway must be able to do, whatever its wire looks like.

The state of a payment comes from ``look_up`` alone. How the six real ones fit:

- Stripe: ``begin`` makes a Checkout Session with the reference in its and the intent's metadata;
  ``look_up`` reads the session and its intent with charges, refunds and disputes; cards are saved
  for off-session intents. Two secrets at once while one is changed.
- Paystack: ``begin`` initializes a transaction under our reference; no event ids (the key is
  derived from the event and its data); an ``abandoned`` one is still open; authorizations are
  charged again.
- Khalti: no webhook at all, so ``read_webhook`` refuses and only ``look_up`` (by ``pidx``) tells;
  "Expired" comes as HTTP 400 with a body; a refund goes by the transaction's id.
- eSewa: ``begin`` is a form that the browser posts, signed here, without a call; ``look_up`` needs
  reference, amount and our product code; there is no refund call (``can_refund`` is False), and a
  refund made at their side comes as one fact with the reference ``all``.
- Razorpay: ``begin`` makes an order and a form; the browser may come back by POST; payments of the
  order are read, and captured decides; refunds carry our key in a header.
- Binance Pay: ``begin`` makes an order (letters and digits only: the reference is one); amounts are
  decimal coins, turned into minor units by the currency's exponent; refunds carry our key.

Subscriptions are ours: a gateway takes single payments, and, if ``can_charge_again``, charges what
it saved. Amounts are whole minor units of ``kit.money`` on this side of the adapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from atrium.payments.states import DisputeFact, Progress, RefundFact


class NoAnswer(Exception):
    """Nothing usable came back; whether it had an effect is not known."""


class Declined(Exception):
    """The gateway understood, and will not: ``str()`` says why, in words fit for staff."""


class Forged(Exception):
    """A delivery whose signature does not fit its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a gateway is told of a payment, and what it told us to find it again."""

    reference: str
    amount_minor: int
    currency: str
    title: str
    payer: str  # who opened it, as ``person:…`` or ``guest:…``
    mail: str = ""
    opened_at: datetime
    return_url: str  # takes GET and POST, believes nothing
    cancel_url: str
    webhook_url: str
    keep_method: bool = False
    gateway_ref: str = ""
    transaction_ref: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser there; ``gateway_ref`` is how the gateway calls the order."""

    url: str
    gateway_ref: str = ""


@dataclass(frozen=True, slots=True)
class FormPost:
    """Have the browser post these fields there."""

    url: str
    fields: Mapping[str, str]
    gateway_ref: str = ""


@dataclass(frozen=True, slots=True)
class MethodFact:
    """A way to pay that the gateway keeps: ``reference`` is secret, ``label`` may be shown."""

    reference: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the gateway says of an order, with all that must equal ours before it counts."""

    progress: Progress
    reference: str
    amount_minor: int
    currency: str
    merchant: str
    payer: str = ""  # where the gateway keeps it for us
    gateway_ref: str = ""
    transaction_ref: str = ""
    fee_minor: int = 0
    refunds: tuple[RefundFact, ...] = ()
    disputes: tuple[DisputeFact, ...] = ()
    method: MethodFact | None = None
    why: str = ""  # the reason of a failure, in words fit to show


@dataclass(frozen=True, slots=True)
class Hint:
    """A payment that something happened to: by our reference, or by the gateway's."""

    reference: str = ""
    gateway_ref: str = ""
    transaction_ref: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that is really the gateway's. ``key`` is its own id of the event, or derived."""

    key: str
    kind: str
    hints: tuple[Hint, ...]


class Gateway(Protocol):
    """One gateway, with the keys of this installation."""

    slug: str
    title: str
    currencies: frozenset[str]
    can_refund: bool
    can_charge_again: bool

    @property
    def merchant(self) -> str:
        """As whom we are known there; "" where it tells us nothing to compare."""

    def begin(self, order: Order) -> Redirect | FormPost:
        """Prepare a checkout; with the same reference it is the same one.

        :raises NoAnswer: when it is down
        :raises Declined: when it will not take this order
        """

    def look_up(self, order: Order) -> Standing | None:
        """Return how the order stands; None when the gateway never heard of it.

        :raises NoAnswer: when it is down
        """

    def read_webhook(self, raw: bytes, headers: Mapping[str, str]) -> Delivery:
        """Check the signature over the raw bytes, and return whom it is about.

        :raises Forged: when it is not the gateway's
        """

    def refund(self, order: Order, *, amount_minor: int, key: str) -> RefundFact:
        """Pay back; with the same key only once.

        :raises NoAnswer: when it may or may not have happened
        :raises Declined: when it will not
        """

    def charge_again(self, order: Order, *, method: str) -> Standing:
        """Charge what was saved, without the person; with the same reference only once.

        :raises NoAnswer: when it may or may not have happened
        """
