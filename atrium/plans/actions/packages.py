from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Unprocessable
from atrium.kit.money import MOST_MINOR, Money
from atrium.plans.models import Package


class NotAPackage(Unprocessable):
    """It would hold nothing, or cost nothing."""

    code = "not_a_package"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a package holds and costs; ``credits`` are micro-credits."""

    name: str
    credits: int
    price: Money
    order: int = 100


def add_package(*, content: Content, by: str, at: datetime) -> Package:
    """Make a package, which is sold from now on.

    :raises NotAPackage: with the field and the reason
    """
    _check(content)
    with transaction.atomic():
        made = Package.objects.create(
            name=content.name,
            credits=content.credits,
            price_minor=content.price.minor,
            currency=content.price.currency,
            order=content.order,
        )
        note("package.added", by=by, about=("package", made.pk), detail=_told(content), at=at)
    return made


def change_package(*, package: Package, content: Content, by: str, at: datetime) -> None:
    """Change what it holds and costs from now on; what was opened before stays as it was.

    :raises NotAPackage: with the field and the reason; its currency stays
    """
    _check(content)
    if content.price.currency != package.currency:
        said = _("The currency of a package stays. Make another one.")
        raise NotAPackage(said, fields={"price": said})
    with transaction.atomic():
        Package.objects.filter(pk=package.pk).update(
            name=content.name,
            credits=content.credits,
            price_minor=content.price.minor,
            order=content.order,
        )
        note("package.changed", by=by, about=("package", package.pk), detail=_told(content), at=at)
    package.refresh_from_db()


def sell_package(*, package: Package, is_sold: bool, by: str, at: datetime) -> None:
    """Put it on sale, or take it off; a second time changes nothing."""
    action = "package.put_on_sale" if is_sold else "package.taken_off_sale"
    with transaction.atomic():
        if Package.objects.filter(pk=package.pk, is_sold=not is_sold).update(is_sold=is_sold):
            note(action, by=by, about=("package", package.pk), at=at)


def _check(content: Content) -> None:
    fields = {}
    if not content.name.strip():
        fields["name"] = _("Give it a name.")
    if not 0 < content.credits <= MOST_MINOR:
        fields["credits"] = _("Say how many credits it holds.")
    if content.price.minor <= 0:
        fields["price"] = _("Say what it costs.")
    if fields:
        raise NotAPackage(" ".join(fields.values()), fields=fields)


def _told(content: Content) -> dict[str, object]:
    return {
        "name": content.name,
        "credits": content.credits,
        "price": str(content.price),
        "order": content.order,
    }
