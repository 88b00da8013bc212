from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.files.delivery import deliver
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.kit.money import Money
from atrium.payments.models import PaymentReceipt
from atrium.payments.receipts.files import parcel_of
from atrium.payments.receipts.gaps import every_series
from atrium.payments.receipts.sheet import sheet_of
from atrium.payments.tables import Column, TableAdmin
from atrium.web.console import Tile, register_tiles
from atrium.web.policy import WrongMethod
from atrium.web.templatetags.ui import ago


@admin.register(PaymentReceipt)
class ReceiptAdmin(TableAdmin):
    """Receipts and credit notes as they were issued; whether a number lacks."""

    kind = "receipt"
    title = gettext_lazy("Receipts")
    order = 205
    areas = ("finance",)
    list_display = ("label", "kind_shown", "whose", "sum", "tax", "issued")
    list_filter = ("kind", "currency", "issued_at")
    list_select_related = ("payment",)
    search_fields = ("label", "payment__id", "payment__gateway_ref")
    ordering = ("-issued_at", "-number")
    fields = ("paper", "payment_shown", "download", "sha256", "made_at")
    empty_says = gettext_lazy("Each payment that arrives has a receipt here, with its number.")
    columns: ClassVar[tuple[Column, ...]] = (
        ("number", lambda one: one.label),
        ("kind", lambda one: one.kind),
        ("issued_at", lambda one: one.issued_at.isoformat()),
        ("amount_minor", lambda one: one.amount_minor),
        ("tax_minor", lambda one: one.tax_minor),
        ("currency", lambda one: one.currency),
        ("tax_name", lambda one: one.told["rate"]["name"]),
        ("tax_hundredths_of_percent", lambda one: one.told["rate"]["hundredths"]),
        ("payer", lambda one: one.payer),
        ("title", lambda one: one.told["title"]),
        ("gateway", lambda one: one.payment.gateway),
        ("payment", lambda one: one.payment.reference),
        ("to_receipt", lambda one: one.told["first"]),
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("gaps/", view(self.look_for_gaps), name="payments_paymentreceipt_gaps"),
            path("<path:object_id>/pdf/", view(self.send_pdf), name="payments_paymentreceipt_pdf"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        url = reverse("admin:payments_paymentreceipt_gaps")
        return super().changelist_view(request, {"check_url": url, **(extra_context or {})})

    def look_for_gaps(self, request: HttpRequest) -> HttpResponse:
        """Say whether every number that was taken is there."""
        self._check_may(request)
        if request.method != "POST":
            raise WrongMethod(("POST",))
        for series in every_series():
            said = {"kind": series.kind.label, "last": series.last}
            if series.is_whole:
                messages.success(request, _("%(kind)s: none of %(last)s is missing.") % said)
                continue
            said["numbers"] = ", ".join(map(str, series.missing))
            messages.error(request, _("%(kind)s: missing of %(last)s: %(numbers)s.") % said)
        return HttpResponseRedirect(reverse("admin:payments_paymentreceipt_changelist"))

    def send_pdf(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the PDF, as its payer has it."""
        self._check_may(request)
        receipt = cast(PaymentReceipt | None, self.get_object(request, object_id))
        if receipt is None:
            raise NotFound(_("There is nothing here, or it is not yours to see."))
        return deliver(request, parcel_of(receipt, at=clock.now()))

    def _check_may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise NotFound(_("There is nothing here, or it is not yours to see."))

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def kind_shown(self, receipt: PaymentReceipt) -> str:
        return receipt.get_kind_display()

    @admin.display(description=gettext_lazy("paid by"))
    def whose(self, receipt: PaymentReceipt) -> str:
        return self.who(receipt.payment.audience)

    @admin.display(description=gettext_lazy("amount"), ordering="amount_minor")
    def sum(self, receipt: PaymentReceipt) -> str:
        return str(-receipt.amount if receipt.is_credit_note else receipt.amount)

    @admin.display(description=gettext_lazy("tax"))
    def tax(self, receipt: PaymentReceipt) -> str:
        return str(Money(receipt.tax_minor, receipt.currency)) if receipt.tax_minor else "—"

    @admin.display(description=gettext_lazy("issued"), ordering="issued_at")
    def issued(self, receipt: PaymentReceipt) -> SafeString:
        return ago(receipt.issued_at)

    @admin.display(description=gettext_lazy("as it was issued"))
    def paper(self, receipt: PaymentReceipt) -> SafeString:
        drawn = render_to_string("payments/parts/sheet.html", {"sheet": sheet_of(receipt)})
        return mark_safe(drawn)  # noqa: S308 — the template escapes what it shows

    @admin.display(description=gettext_lazy("payment"))
    def payment_shown(self, receipt: PaymentReceipt) -> SafeString:
        url = reverse("admin:payments_payment_change", args=[receipt.payment_id])
        return format_html('<a href="{}">{}</a>', url, receipt.payment.title)

    @admin.display(description=gettext_lazy("download"))
    def download(self, receipt: PaymentReceipt) -> SafeString:
        url = reverse("admin:payments_paymentreceipt_pdf", args=[receipt.pk])
        return format_html('<a href="{}" download>{}.pdf</a>', url, receipt.label)


def tiles(request: HttpRequest) -> Iterable[Tile]:
    if any(not series.is_whole for series in every_series()):
        url = reverse("admin:payments_paymentreceipt_changelist")
        yield Tile(_("Numbers of receipts are missing"), "!", url=url, urgent=True)


register_tiles(tiles, areas=("finance",))
