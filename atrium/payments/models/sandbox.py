"""What the Sandbox keeps on its own side. Only ``gateways.sandbox`` and its pages look in here."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.kit.money import Money
from atrium.payments.models.payment import Payment
from atrium.people.caller import Caller

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class SandboxWorld(models.Model):
    """How far its clock was turned, and how it takes new orders; one row."""

    class Begins(models.TextChoices):
        WORKS = "works", _("takes them")
        NO_ANSWER = "no_answer", _("takes the next one, and breaks the connection")
        DOWN = "down", _("is down")

    ahead_seconds = models.BigIntegerField(default=0)
    begins = models.CharField(max_length=12, choices=Begins.choices, default=Begins.WORKS)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="payments_one_sandbox"),
            models.CheckConstraint(
                condition=Q(ahead_seconds__gte=0), name="payments_sandbox_clock_not_behind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ahead_seconds} s ahead"

    @classmethod
    def now(cls) -> "SandboxWorld":
        """Return how it stands; as it begins, while nobody touched it."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class SandboxMethodQuerySet(models.QuerySet["SandboxMethod"]):
    def visible_to(self, caller: Caller) -> Self:
        """Those by which orders were paid that the caller may see."""
        orders = SandboxOrder.objects.visible_to(caller).exclude(method=None)
        return self.filter(pk__in=orders.values("method")).order_by("-made_at")


class SandboxMethod(models.Model):
    """A card that somebody let it remember."""

    class Next(models.TextChoices):
        WORKS = "works", _("pays")
        DECLINES = "declines", _("is declined")
        NO_ANSWER = "no_answer", _("pays, and the connection breaks")
        NO_EFFECT = "no_effect", _("does not pay, and the connection breaks")

    token = models.CharField(max_length=40, primary_key=True)
    payer = models.CharField(max_length=64)
    label = models.CharField(max_length=80)
    next_charge = models.CharField(max_length=12, choices=Next.choices, default=Next.WORKS)
    made_at = models.DateTimeField()

    objects = SandboxMethodQuerySet.as_manager()

    def __str__(self) -> str:
        return self.label


class SandboxOrderQuerySet(models.QuerySet["SandboxOrder"]):
    def visible_to(self, caller: Caller) -> Self:
        """Those whose payment is the caller's; all of them for who looks after the money."""
        if not settings.SANDBOX:
            return self.none()
        if caller.is_staff_of("finance"):
            return self
        theirs = Payment.objects.visible_to(caller).order_by("-opened_at")[:500]
        return self.filter(reference__in=[payment.reference for payment in theirs])


class SandboxOrder(models.Model):
    """What a merchant asked to be paid, as it told us, and what became of it: the journal."""

    class State(models.TextChoices):
        OPEN = "open", _("waits for the payer")
        PROCESSING = "processing", _("under way")
        PAID = "paid", _("paid")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Refunds(models.TextChoices):
        WORK = "work", _("works")
        FAIL_LATER = "fail_later", _("works, and fails later")
        NO_ANSWER = "no_answer", _("works, and the connection breaks")
        DECLINED = "declined", _("is declined")

    class Telling(models.TextChoices):
        ONCE = "once", _("once, in order")
        DOUBLED = "doubled", _("twice")
        SHUFFLED = "shuffled", _("in reverse order")
        LOST = "lost", _("not at all")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=64, unique=True)  # the merchant's own
    merchant = models.CharField(max_length=80)
    payer = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=5)
    return_url = models.CharField(max_length=500)
    cancel_url = models.CharField(max_length=500)
    webhook_url = models.CharField(max_length=500)
    keeps_method = models.BooleanField(default=False)

    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    transaction_ref = models.CharField(max_length=40, blank=True)
    fee_minor = models.BigIntegerField(default=0)
    why = models.CharField(max_length=300, blank=True)
    method = models.ForeignKey(
        SandboxMethod, models.PROTECT, null=True, blank=True, related_name="orders"
    )
    charges = models.PositiveIntegerField(default=0)  # how often money really moved: 0 or 1
    made_at = models.DateTimeField(db_index=True)
    paid_at = models.DateTimeField(null=True, blank=True)

    tells = models.CharField(max_length=12, choices=Telling.choices, default=Telling.ONCE)
    refunding = models.CharField(max_length=12, choices=Refunds.choices, default=Refunds.WORK)
    lies = models.JSONField(default=dict, blank=True)  # what it says instead of the truth

    refunds: "RelatedManager[SandboxRefund]"
    disputes: "RelatedManager[SandboxDispute]"
    deliveries: "RelatedManager[SandboxDelivery]"

    objects = SandboxOrderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_sandbox_order_of_something"
            ),
            models.CheckConstraint(
                condition=Q(charges__lte=1), name="payments_sandbox_charges_an_order_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.state}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def ref(self) -> str:
        """How the Sandbox calls it."""
        return f"so_{self.pk.hex}"


class SandboxRefund(models.Model):
    """Money it gave back, once for each key of the merchant's."""

    class State(models.TextChoices):
        PENDING = "pending", _("under way")
        DONE = "done", _("paid back")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(SandboxOrder, models.CASCADE, related_name="refunds")
    key = models.CharField(max_length=64, blank=True)  # none where it was made here
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DONE)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "key"],
                condition=~Q(key=""),
                name="payments_sandbox_refunds_a_key_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.state}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.order.currency)


class SandboxDispute(models.Model):
    """The payer's bank wants the money back."""

    class State(models.TextChoices):
        OPENED = "opened", _("open")
        WON = "won", _("won by the merchant")
        LOST = "lost", _("lost by the merchant")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(SandboxOrder, models.CASCADE, related_name="disputes")
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPENED)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.state}"


class SandboxDelivery(models.Model):
    """One webhook that it sent, or should have sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be sent")
        DELIVERED = "delivered", _("delivered")
        REFUSED = "refused", _("refused")
        GIVEN_UP = "given_up", _("given up")
        LOST = "lost", _("lost on purpose")

    class Signature(models.TextChoices):
        OURS = "ours", _("ours")
        FORGED = "forged", _("somebody else’s key")
        MISSING = "missing", _("none")

    order = models.ForeignKey(SandboxOrder, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    body = models.TextField()
    signature = models.CharField(max_length=8, choices=Signature.choices, default=Signature.OURS)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    tries = models.PositiveIntegerField(default=0)
    answer = models.CharField(
        max_length=80, blank=True
    )  # the status that came back, or the trouble
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
