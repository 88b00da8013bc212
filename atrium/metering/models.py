from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.engines.models import Model
from atrium.kit.ids import new_id
from atrium.ledger.models import Hold
from atrium.people.models import Owned, OwnedQuerySet


class Receipt(Owned):
    """What one call used and cost, from its reserve to its settle.

    ``charged`` is micro-credits. The prices are those of ``price_version`` when the call began.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Running")
        SETTLED = "settled", _("Charged")
        RELEASED = "released", _("Not charged")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=120, unique=True)
    about_kind = models.CharField(max_length=40)
    about_id = models.UUIDField()
    api_key = models.ForeignKey(
        "people.ApiKey", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    model = models.ForeignKey(Model, models.PROTECT, related_name="+")
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="receipt")
    input_price = models.PositiveBigIntegerField()
    output_price = models.PositiveBigIntegerField()
    price_version = models.PositiveIntegerField()
    tokens_in = models.PositiveBigIntegerField(default=0)
    tokens_out = models.PositiveBigIntegerField(default=0)
    charged = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [
            *Owned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None)
                | ~Q(state="open") & Q(ended_at__isnull=False),
                name="metering_ended_receipt_has_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["about_kind", "about_id"], name="metering_receipt_about"),
        ]

    def __str__(self) -> str:
        return f"{self.tokens_in}+{self.tokens_out} tokens of {self.model_id}"

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out

    @property
    def seconds(self) -> float:
        """How long the call took; nothing while it runs."""
        return (self.ended_at - self.began_at).total_seconds() if self.ended_at else 0.0
