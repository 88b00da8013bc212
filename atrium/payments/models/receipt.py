from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.kit.money import Money
from atrium.payments.models.payment import Payment
from atrium.people.caller import Caller


class ReceiptKind(models.TextChoices):
    RECEIPT = "receipt", _("Receipt")
    CREDIT_NOTE = "credit_note", _("Credit note")


class ReceiptSeries(models.Model):
    """The last number of one kind: taken under the row's own update, so that none is left out."""

    kind = models.CharField(primary_key=True, max_length=12, choices=ReceiptKind.choices)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.kind} {self.last}"


class ReceiptQuerySet(models.QuerySet["PaymentReceipt"]):
    def visible_to(self, caller: Caller) -> Self:
        """Receipts for what the caller paid."""
        return self.filter(payment__in=Payment.objects.visible_to(caller))

    def oldest_first(self) -> Self:
        return self.order_by("issued_at", "kind", "number")


class PaymentReceipt(models.Model):
    """What we say of money that came, or, as a credit note, of money that went back.

    ``told`` is what stood in it when it was issued: the operator, the thing, the rate, the tax.
    Nothing that changes later touches it. ``payer`` alone goes when the person goes; then the PDF
    is made again, with their number instead.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="receipts")
    kind = models.CharField(max_length=12, choices=ReceiptKind.choices)
    number = models.PositiveBigIntegerField()
    label = models.CharField(max_length=24, unique=True)  # "2026-000418"
    version = models.PositiveIntegerField()  # which change of the payment it tells of
    amount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=5)
    told = models.JSONField(default=dict)
    payer = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, blank=True)
    issued_at = models.DateTimeField(db_index=True)
    storage_name = models.CharField(max_length=64)  # foretold: made twice, the bytes are the same
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "number"], name="payments_a_number_once"),
            models.UniqueConstraint(
                fields=["payment", "version", "kind"], name="payments_a_change_is_told_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, tax_minor__gte=0, number__gt=0),
                name="payments_receipt_of_something",
            ),
            models.CheckConstraint(
                condition=Q(made_at=None, sha256="") | Q(made_at__isnull=False) & ~Q(sha256=""),
                name="payments_made_receipt_has_bytes",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def is_credit_note(self) -> bool:
        return self.kind == ReceiptKind.CREDIT_NOTE
