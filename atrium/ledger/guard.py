"""While the books disagree, nothing is charged: whoever is about to asks here first."""

from django.utils.translation import gettext as _

from atrium.kit.errors import Unavailable
from atrium.ledger.models import Disagreement


class BooksDisagree(Unavailable):
    """The books say something in two ways, and nobody has put it right yet."""

    code = "books_disagree"


def books_agree() -> bool:
    """Say whether anything may be charged."""
    return not Disagreement.objects.standing().exists()


def insist_books_agree() -> None:
    """:raises BooksDisagree: while nothing may be charged"""
    if not books_agree():
        raise BooksDisagree(
            _("Nothing can be paid or charged just now: our books are being checked."),
            way_on=_("Try again later. What is yours is kept."),
        )
