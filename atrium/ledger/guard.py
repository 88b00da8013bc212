"""While the books disagree, nothing is charged: whoever is about to asks here first."""

from django.utils.translation import gettext as _

from atrium.kit import rows
from atrium.kit.errors import Unavailable
from atrium.ledger.models import Disagreement

# Asked for each charge, where the ORM would take longer than the database.
_STANDING = f"SELECT 1 FROM {rows.table_of(Disagreement)} WHERE cleared_at IS NULL LIMIT 1"  # noqa: S608


class BooksDisagree(Unavailable):
    """The books say something in two ways, and nobody has put it right yet."""

    code = "books_disagree"


def books_agree() -> bool:
    """Say whether anything may be charged."""
    return not rows.read(_STANDING)


def insist_books_agree() -> None:
    """:raises BooksDisagree: while nothing may be charged"""
    if not books_agree():
        raise BooksDisagree(
            _("Nothing can be paid or charged just now: our books are being checked."),
            way_on=_("Try again later. What is yours is kept."),
        )
