from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from atrium.engines.models import Model
from atrium.kit.ids import new_id
from atrium.ledger.models import Hold
from atrium.metering.models.payer import Share
from atrium.metering.models.window import Window
from atrium.people.caller import Caller
from atrium.people.models import Owned, OwnedQuerySet


class ReceiptQuerySet(OwnedQuerySet):
    def visible_to(self, caller: Caller) -> Self:
        """Those of their own calls, and of others' for which they paid."""
        if caller.person is None:
            return self.of(caller)
        paid = Q(paid_by=caller.audience, share__isnull=False)
        return self.filter(Q(person=caller.person) | paid)

    def ended(self) -> Self:
        return self.exclude(state=Receipt.State.OPEN)


class Receipt(Owned):
    """What one call used and cost, from its reserve to its settle.

    Whoever owns it made the call; ``paid_by`` is whose window or credits paid, and it is exactly
    one of both. ``charged`` and ``fixed`` are micro-credits. The prices are those of
    ``price_version`` when the call began; ``reserved`` are the tokens that it could use at most.
    ``worth`` is what it costs in credits, whoever paid: a window pays with none.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Running")
        SETTLED = "settled", _("Charged")
        RELEASED = "released", _("Not charged")

    class Payer(models.TextChoices):
        WINDOW = "window", _("Tokens of the plan")
        CREDITS = "credits", _("Credits")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=120, unique=True)
    about_kind = models.CharField(max_length=40)
    about_id = models.UUIDField()
    api_key = models.ForeignKey(
        "people.ApiKey", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    model = models.ForeignKey(Model, models.PROTECT, related_name="+")
    payer = models.CharField(max_length=7, choices=Payer.choices, default=Payer.CREDITS)
    paid_by = models.CharField(max_length=64, blank=True)
    window = models.ForeignKey(Window, models.SET_NULL, null=True, blank=True, related_name="+")
    window_number = models.PositiveBigIntegerField(default=0)
    share = models.ForeignKey(Share, models.SET_NULL, null=True, blank=True, related_name="+")
    reserved = models.PositiveBigIntegerField(default=0)
    fixed = models.PositiveBigIntegerField(default=0)  # what tokens do not count: pictures, minutes
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="receipt")
    input_price = models.PositiveBigIntegerField()
    output_price = models.PositiveBigIntegerField()
    price_version = models.PositiveIntegerField()
    tokens_in = models.PositiveBigIntegerField(default=0)
    tokens_out = models.PositiveBigIntegerField(default=0)
    worth = models.PositiveBigIntegerField(default=0)
    charged = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [
            *Owned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None)
                | ~Q(state="open") & Q(ended_at__isnull=False),
                name="metering_ended_receipt_has_time",
            ),
            models.CheckConstraint(
                condition=Q(payer="credits", window=None) | Q(payer="window", charged=0),
                name="metering_a_call_has_one_payer",
            ),
            models.CheckConstraint(
                condition=~Q(payer="window") | Q(reserved__gte=F("tokens_in") + F("tokens_out")),
                name="metering_no_more_tokens_than_reserved",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["about_kind", "about_id"], name="metering_receipt_about"),
            models.Index(fields=["person", "-began_at", "-id"], name="metering_receipts_of_person"),
            models.Index(fields=["guest", "-began_at", "-id"], name="metering_receipts_of_guest"),
            models.Index(fields=["-began_at", "-id"], name="metering_receipts_newest"),
            models.Index(
                fields=["paid_by", "-began_at"],
                condition=Q(share__isnull=False),
                name="metering_receipts_for_others",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tokens_in}+{self.tokens_out} tokens of {self.model_id}"

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out

    @property
    def is_paid_by_window(self) -> bool:
        return self.payer == self.Payer.WINDOW

    @property
    def seconds(self) -> float:
        """How long the call took; nothing while it runs."""
        return (self.ended_at - self.began_at).total_seconds() if self.ended_at else 0.0
