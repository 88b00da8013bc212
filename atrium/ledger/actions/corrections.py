"""What finance puts right: always by a new entry, for a reason, and not by one person alone."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.db.models.functions import Abs
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.credits import MICRO
from atrium.kit.errors import Conflict, NotAllowed, Unprocessable
from atrium.ledger.actions.checking import ReasonNeeded
from atrium.ledger.actions.claims import whose
from atrium.ledger.actions.credits import grant, take_back
from atrium.ledger.actions.entries import check_amount
from atrium.ledger.models import Account, Correction, Entry, Leg
from atrium.ledger.posting import is_platform
from atrium.ledger.telling import kind_of
from atrium.notifications.actions import notify
from atrium.options.queries import value
from atrium.people.models import User

ALONE_UP_TO = "ledger.alone_up_to_credits"
_A_DAY = timedelta(days=1)
_SHORTEST_REASON = 3


class CannotReverse(Unprocessable):
    """Only some kinds of entries can be reversed: where money moved, too, it is refunded."""

    code = "cannot_reverse"


class AlreadyReversed(Conflict):
    code = "already_reversed"


class AlreadyDecided(Conflict):
    """Somebody agreed or declined in the meantime."""

    code = "already_decided"


class YourOwnBooks(NotAllowed):
    """Nobody corrects their own account, and nobody agrees to what they asked for."""

    code = "your_own_books"


@transaction.atomic
def reverse(*, entry: Entry, by: User, reason: str, at: datetime) -> Correction:
    """Post the opposite of an entry, or ask a second person when it is much.

    What was taken is given back; what was given is taken as far as it is there, and owed beyond.

    :raises CannotReverse: when the entry is of a kind that is undone elsewhere, or not at all
    :raises AlreadyReversed: the second time
    """
    holder, against, amount, asset = _moved_by(entry)
    asked = Correction(
        kind=Correction.Kind.REVERSAL,
        entry=entry,
        holder=holder,
        asset=asset,
        amount=-amount,
        reason=reason,
    )
    try:
        with transaction.atomic():
            return _ask(asked, by=by, against=against, at=at)
    except IntegrityError as broken:
        if Correction.objects.exclude(state="declined").filter(entry=entry).exists():
            raise AlreadyReversed(_("This entry was reversed already.")) from broken
        raise


@transaction.atomic
def adjust(*, person: User, amount: int, by: User, reason: str, at: datetime) -> Correction:
    """Give credits for a reason, or ask a second person when it is much.

    :raises BadAmount: for no whole number above nothing, or more than the bound
    """
    asked = Correction(
        kind=Correction.Kind.ADJUSTMENT,
        holder=f"person:{person.pk}",
        amount=check_amount(amount),
        reason=reason,
    )
    return _ask(asked, by=by, against=Account.Purpose.ISSUED, at=at)


@transaction.atomic
def agree(*, correction: Correction, by: User, at: datetime) -> Correction:
    """Do what another person of finance asked for.

    :raises YourOwnBooks: by who asked for it, or whose account it is
    """
    _check_party(correction, by)
    if correction.asked_by == _name(by):
        raise YourOwnBooks(_("You asked for this yourself: a second person has to agree."))
    _end(correction, Correction.State.DONE, by=by, at=at)
    against = Account.Purpose.ISSUED
    if correction.entry:
        _holder, against, _amount, _asset = _moved_by(correction.entry)
    _post(correction, against=against, at=at)
    told = {"amount": correction.amount, "asked_by": correction.asked_by}
    note("correction.agreed", by=_name(by), about=_about(correction), detail=told, at=at)
    return correction


@transaction.atomic
def decline(*, correction: Correction, by: User, at: datetime) -> Correction:
    """Leave everything as it is; who asked may think better of it, too."""
    _end(correction, Correction.State.DECLINED, by=by, at=at)
    note("correction.declined", by=_name(by), about=_about(correction), at=at)
    return correction


def _ask(asked: Correction, *, by: User, against: Account.Purpose, at: datetime) -> Correction:
    asked.reason = _checked(asked.reason)
    asked.asked_by, asked.asked_at = _name(by), at
    _check_party(asked, by)
    alone = _may_alone(asked, by, at=at)
    if alone:
        asked.state, asked.decided_at = Correction.State.DONE, at
    asked.save(force_insert=True)
    if alone:
        _post(asked, against=against, at=at)
    told = {"holder": asked.holder, "amount": asked.amount, "reason": asked.reason}
    if asked.entry_id:
        told["entry"] = asked.entry_id
    verb = "done" if alone else "asked"
    note(f"correction.{verb}", by=_name(by), about=_about(asked), detail=told, at=at)
    return asked


def _may_alone(asked: Correction, by: User, *, at: datetime) -> bool:
    """Whether what one person did alone in a day stays within the limit with this, too."""
    # One at a time for each person, or two at once would both fit.
    User.objects.filter(pk=by.pk).update(username=F("username"))
    alone = Correction.objects.filter(
        asked_by=_name(by), decided_by="", asked_at__gt=at - _A_DAY, state=Correction.State.DONE
    )
    so_far = alone.aggregate(sum=Sum(Abs("amount")))["sum"] or 0
    return int(so_far + abs(asked.amount)) <= int(value(ALONE_UP_TO)) * MICRO


def _post(correction: Correction, *, against: Account.Purpose, at: datetime) -> None:
    moves = grant if correction.amount > 0 else take_back
    moves(
        holder=correction.holder,
        amount=abs(correction.amount),
        key=_key(correction),
        kind=correction.kind,
        about=_about(correction),
        asset=correction.asset,
        against=against,
        at=at,
    )
    correction.posted = Entry.objects.get(key=_key(correction))
    correction.save(update_fields=["posted"])
    _tell(correction, at=at)


def _key(correction: Correction) -> str:
    # An entry's own, so that even two corrections would post it once.
    if correction.entry_id:
        return f"reverse:{correction.entry_id}"
    return f"adjust:{correction.pk}"


def _end(correction: Correction, state: Correction.State, *, by: User, at: datetime) -> None:
    waiting = Correction.objects.filter(pk=correction.pk, state=Correction.State.WAITING)
    if not waiting.update(state=state, decided_by=_name(by), decided_at=at):
        raise AlreadyDecided(_("This was decided already."))
    correction.refresh_from_db()


def _moved_by(entry: Entry) -> tuple[str, Account.Purpose, int, str]:
    """Return whose the entry was, what of ours it stood against, and what it gave or took."""
    if not kind_of(entry.kind).reversible:
        raise CannotReverse(
            _("An entry of this kind cannot be reversed here."),
            way_on=_("A payment is refunded where it is listed."),
        )
    theirs: dict[tuple[str, str], int] = defaultdict(int)
    ours = set()
    for leg in Leg.objects.filter(entry=entry).select_related("account"):
        account = leg.account
        if is_platform(account.holder):
            ours.add(account.purpose)
        else:
            theirs[account.holder, account.asset] += leg.amount
    moved = [(*named, amount) for named, amount in theirs.items() if amount]
    if len(moved) != 1 or len(ours) != 1:
        raise CannotReverse(_("This entry moved nothing between us and one account."))
    [(holder, asset, amount)], [against] = moved, ours
    return holder, Account.Purpose(against), amount, asset


def _check_party(correction: Correction, by: User) -> None:
    if whose(correction.holder) == _name(by):
        raise YourOwnBooks(_("This is your own account: somebody else of finance corrects it."))


def _checked(reason: str) -> str:
    reason = " ".join(reason.split())
    if len(reason) < _SHORTEST_REASON:
        raise ReasonNeeded(_("Say why."), fields={"reason": _("Say why.")})
    return reason


def _tell(correction: Correction, *, at: datetime) -> None:
    kind, _colon, key = whose(correction.holder).partition(":")
    person = User.objects.filter(pk=key, is_active=True).first() if kind == "person" else None
    if person:
        told = {"amount": correction.amount, "reason": correction.reason}
        notify(person=person, kind="ledger.corrected", params=told, url="/wallet/statement", at=at)


def _about(correction: Correction) -> tuple[str, UUID]:
    return "correction", correction.pk


def _name(by: User) -> str:
    return f"person:{by.pk}"
