"""What the books say of somebody."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from atrium.ledger.models import Account, Correction, Entry, Hold, Leg
from atrium.ledger.queries import entries_of
from atrium.people.belongings import Belonging, Part, Rule, Whose, nobodys, register

_BOOKS = _("The books must balance, and the law asks for them. They hold numbers, and no words.")


def _accounts(whose: Whose) -> "QuerySet[Account]":
    return Account.objects.filter(holder__in=whose.audiences)


def _corrections(whose: Whose) -> "QuerySet[Correction]":
    return Correction.objects.filter(holder__in=whose.audiences)


def _empty_reasons(whose: Whose, *, at: datetime) -> int:
    return _corrections(whose).exclude(reason="").update(reason="")


register(
    Part(
        key="ledger",
        title=_("Credits"),
        order=400,
        belongings=(
            Belonging(
                table=Account,
                title=_("Accounts"),
                of=_accounts,
                told=("id", "purpose", "asset", "balance"),
                rule=Rule.PSEUDONYM,
                why=_BOOKS,
            ),
            Belonging(
                table=Entry,
                title=_("Postings"),
                of=lambda whose: entries_of(whose.audiences),
                told=("id", "kind", "about_kind", "about_id", "posted_at"),
                rule=Rule.PSEUDONYM,
                why=_BOOKS,
            ),
            Belonging(
                table=Leg,
                title=_("Amounts of postings"),
                of=lambda whose: Leg.objects.filter(account__in=_accounts(whose)),
                told=("entry_id", "account_id", "amount"),
                rule=Rule.PSEUDONYM,
                why=_BOOKS,
            ),
            Belonging(
                table=Hold,
                title=_("Amounts set aside"),
                of=lambda whose: Hold.objects.filter(holder__in=whose.audiences),
                told=(
                    "id",
                    "asset",
                    "amount",
                    "settled_amount",
                    "kind",
                    "state",
                    "made_at",
                    "ended_at",
                ),
                rule=Rule.PSEUDONYM,
                why=_BOOKS,
            ),
            Belonging(
                table=Correction,
                title=_("Corrections by finance"),
                of=_corrections,
                told=("id", "kind", "amount", "asset", "reason", "state", "asked_at", "decided_at"),
                rule=Rule.ANONYMISED,
                why=_("The books must balance. The reason, which may name them, is emptied."),
                erase=_empty_reasons,
            ),
        ),
    )
)
nobodys("ledger.Disagreement", _("What the books said in two ways, by the number of an account."))
nobodys("ledger.Checkpoint", _("How far the books were checked."))
nobodys("ledger.Day", _("Hashes of all that was posted in a day."))
