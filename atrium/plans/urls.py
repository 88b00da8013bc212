from django.urls import path

from atrium.plans.pages import buying, choosing, low_balance, subscription

app_name = "plans"
urlpatterns = [
    path("plans", choosing.plans, name="plans"),
    path("plans/<slug:plan_slug>", choosing.plan, name="plan"),
    path("wallet/buy", buying.buying, name="buy"),
    path("wallet/low-balance", low_balance.low_balance, name="low_balance"),
    path("wallet/plan", subscription.subscription, name="subscription"),
    path("wallet/plan/cancel", subscription.cancel, name="cancel"),
    path("wallet/plan/resume", subscription.resume, name="resume"),
    path("wallet/plan/pay", subscription.pay, name="pay"),
]
