from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Conflict, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.people import terms
from atrium.people.models import TermsAcceptance, TermsVersion, User


class TermsNotAccepted(Unprocessable):
    """An account was asked for without agreeing to what everybody here agrees to."""

    code = "terms_not_accepted"

    def __init__(self) -> None:
        reason = _("To have an account here you agree to this.")
        super().__init__(reason, fields={"terms": reason}, way_on=_("Read it at /terms."))


class AlreadyPublished(Conflict):
    """What people agreed to stays as they read it."""

    code = "already_published"


class NoSuchTerms(Unprocessable):
    code = "no_such_terms"


def draft_terms(
    *, kind: str, text: str, needs_acceptance: bool, by: str, at: datetime
) -> TermsVersion:
    """Begin the next version of one kind, or write its draft anew; there is one draft of a kind."""
    if kind not in TermsVersion.Kind.values:
        raise NoSuchTerms(_("There are no such terms."))
    _check_text(text)
    drafts = TermsVersion.objects.filter(kind=kind, published_at=None)
    with transaction.atomic():
        if not drafts.update(text=text, needs_acceptance=needs_acceptance):
            last = TermsVersion.objects.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0
            try:
                with transaction.atomic():
                    TermsVersion.objects.create(
                        kind=kind,
                        number=last + 1,
                        text=text,
                        needs_acceptance=needs_acceptance,
                        made_at=at,
                    )
            except IntegrityError:  # somebody else began it a moment ago
                drafts.update(text=text, needs_acceptance=needs_acceptance)
        draft = drafts.get()
        note("terms.drafted", by=by, about=("terms", draft.pk), at=at)
    return draft


def edit_draft(
    *, version: TermsVersion, text: str, needs_acceptance: bool, by: str, at: datetime
) -> None:
    """Change a text that nobody has agreed to yet.

    :raises AlreadyPublished: make a new version instead
    """
    _check_text(text)
    with transaction.atomic():
        drafts = TermsVersion.objects.filter(pk=version.pk, published_at=None)
        if not drafts.update(text=text, needs_acceptance=needs_acceptance):
            raise AlreadyPublished(
                _("This version is published, and stays as people read it."),
                way_on=_("Write the next version."),
            )
        note("terms.drafted", by=by, about=("terms", version.pk), at=at)


def publish_terms(*, version: TermsVersion, by: str, at: datetime) -> None:
    """Put a draft in force: from now on members are asked to agree to it, if it needs that."""
    with transaction.atomic():
        drafts = TermsVersion.objects.filter(pk=version.pk, published_at=None)
        if drafts.update(published_at=at, published_by=by):
            told = {"kind": version.kind, "number": version.number}
            note("terms.published", by=by, about=("terms", version.pk), detail=told, at=at)
            transaction.on_commit(terms.forget)
            terms.forget()


def accept_terms(*, person: User, versions: Iterable[UUID], region: str = "", at: datetime) -> int:
    """Note that a person agrees to these versions; return to how many they had not yet.

    Only what is in force can be agreed to; anything else among ``versions`` is left out.
    """
    wanted = {version.pk for version in terms.to_accept()} & set(versions)
    by, agreed = f"person:{person.pk}", 0
    for pk in sorted(wanted):
        found = {"by": by, "version_id": pk}
        _row, is_new = TermsAcceptance.objects.get_or_create(
            **found, defaults={"at": at, "region": region[:50]}
        )
        agreed += is_new
    return agreed


def check_accepted(versions: Iterable[UUID]) -> None:
    """:raises TermsNotAccepted: when something that is in force is missing from ``versions``"""
    if {version.pk for version in terms.to_accept()} - set(versions):
        raise TermsNotAccepted


def _check_text(text: str) -> None:
    if not text.strip() or len(text) > LIMITS.terms_characters:
        reason = _("Write something, and at most {limit} characters.").format(
            limit=LIMITS.terms_characters
        )
        raise NoSuchTerms(reason, fields={"text": reason})
