"""What a plan offers, in words, as it is shown beside the others."""

from collections.abc import Iterable

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from atrium.files.sizes import amount
from atrium.kit.credits import MICRO
from atrium.kit.limits import MB
from atrium.options.queries import value
from atrium.payments.gateways.protocol import Gateway
from atrium.payments.gateways.registry import gateway_of, is_offered, slugs
from atrium.plans.allowances import deed_of
from atrium.plans.models import GUEST, UNLIMITED, Plan


def points_of(plan: Plan) -> list[str]:
    """Return what the plan offers, a short line each."""
    return [*_tokens(plan), *_credits(plan), _storage(plan), *_allowances(plan)]


def ways_to_pay(currency: str) -> list[Gateway]:
    """Return the gateways that take new payments of this currency."""
    every = (gateway_of(slug) for slug in slugs())
    return [one for one in every if one and is_offered(one, currency)]


def _tokens(plan: Plan) -> Iterable[str]:
    if plan.is_unlimited:
        return [_("Tokens without a limit")]
    number = number_format(plan.tokens_per_window, force_grouping=True)
    return [_("%(number)s tokens every 6 hours") % {"number": number}]


def _credits(plan: Plan) -> Iterable[str]:
    if not plan.monthly_credits:
        return []
    whole = plan.monthly_credits // MICRO
    number = number_format(whole, force_grouping=True)
    words = ngettext("%(number)s credit a month", "%(number)s credits a month", whole)
    return [words % {"number": number}]


def _storage(plan: Plan) -> str:
    key = "files.quota_guest_mb" if plan.slug == GUEST else "files.quota_member_mb"
    kept = plan.storage_bytes
    return _("%(size)s for files") % {
        "size": amount(int(value(key)) * MB if kept is None else kept)
    }


def _allowances(plan: Plan) -> Iterable[str]:
    for one in plan.allowances.all():
        deed = deed_of(one.action)
        if deed is None:
            continue
        if one.per_month == UNLIMITED:
            yield _("%(what)s without a limit") % {"what": deed.title}
        else:
            yield deed.say(one.per_month)
