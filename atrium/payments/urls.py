"""Two namespaces: the wallet is a room that an operator may close; where gateways knock stays."""

from django.conf import settings
from django.urls import include, path

from atrium.payments.pages import payments, receipts, sandbox, wallet, webhooks

_wallet = [
    path("wallet", wallet.wallet, name="room"),
    path("wallet/payments", payments.history, name="history"),
    path("wallet/payments/<uuid:payment_id>", payments.payment, name="payment"),
    path("wallet/payments/<uuid:payment_id>/checkout", payments.checkout, name="checkout"),
    path("wallet/payments/<uuid:payment_id>/cancel", payments.cancel, name="cancel"),
    path("wallet/receipts/<uuid:receipt_id>", receipts.receipt, name="receipt"),
    path("wallet/receipts/<uuid:receipt_id>.pdf", receipts.receipt_pdf, name="receipt_pdf"),
]

_hooks = [
    path("webhooks/<slug:gateway>", webhooks.webhook, name="webhook"),
    path("webhooks/<slug:gateway>/return/<str:reference>", webhooks.returned, name="returned"),
]

urlpatterns = [
    path("", include((_wallet, "wallet"))),
    path("", include((_hooks, "payments"))),
]

# In production there is no such address.
if settings.SANDBOX:
    _sandbox = [
        path("sandbox", sandbox.overview, name="overview"),
        path("sandbox/checkout/<str:order_ref>", sandbox.checkout, name="checkout"),
        path("sandbox/orders/<str:order_ref>", sandbox.order, name="order"),
        path("sandbox/cards/<str:card_token>", sandbox.card, name="card"),
        path("sandbox/begins", sandbox.begins, name="begins"),
        path("sandbox/clock", sandbox.turn, name="clock"),
    ]
    urlpatterns.append(path("", include((_sandbox, "sandbox"))))
