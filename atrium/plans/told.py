"""What lines of a statement are called that came of buying, of a plan or of a coupon."""

from django.utils.translation import gettext_lazy

from atrium.ledger.telling import Kind, tell_kinds

tell_kinds(
    Kind("bought", gettext_lazy("Bought"), 10),
    Kind("plan", gettext_lazy("Credits of your plan"), 20),
    Kind("coupon", gettext_lazy("Given for a coupon"), 30, reversible=True),
    Kind("start", gettext_lazy("Given to begin with"), 40, reversible=True),
    Kind("plan_back", gettext_lazy("Credits of a plan, after a refund"), 190),
    Kind("bought_back", gettext_lazy("Refunded"), 200),
    Kind("bought_again", gettext_lazy("Yours again: the refund failed"), 210),
    Kind("written_off", gettext_lazy("Spent before the refund, and forgiven"), 220),
    Kind("forgiven_again", gettext_lazy("No longer forgiven: the refund failed"), 230),
)
