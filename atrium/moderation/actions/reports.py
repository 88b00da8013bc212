from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import NotFound, TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.moderation.models import Report
from atrium.moderation.profiles import KIND, profile_of
from atrium.moderation.registry import Found, kind_of
from atrium.people.attempts import Bound, count
from atrium.people.caller import Caller
from atrium.people.models import User

LONGEST_EXCERPT = 8_000


class NotAReport(Unprocessable):
    code = "not_a_report"


class TooManyReports(TooMany):
    code = "too_many_reports"


def report(
    *,
    by: Caller,
    kind: str,
    thing_id: UUID,
    category: str,
    text: str = "",
    address: str = "",
    at: datetime,
) -> Report:
    """Tell the moderators of something the caller can see; while that waits, again is the same.

    :raises NotFound: nothing of this kind is there for the caller
    """
    known = kind_of(kind)
    found = known.find(thing_id, caller=by) if known else None
    if found is None:
        raise NotFound(_("There is nothing here, or it is not yours to see."))
    return _keep(
        by=by,
        about=(kind, thing_id),
        found=found,
        category=category,
        text=text,
        address=address,
        at=at,
    )


def report_person(
    *, by: Caller, name: str, category: str, text: str = "", address: str = "", at: datetime
) -> Report:
    """Tell the moderators of a person by name; the answer is the same when nobody has the name."""
    kept = User.normalize_username(name)[:40]
    if not kept or "\0" in kept:
        raise NotAReport(_("Give the name of a person."), fields={"name": _("Not a name.")})
    found = User.objects.filter(username=kept, erased_at=None).first()
    return _keep(
        by=by,
        about=(KIND, found.pk if found else uuid5(NAMESPACE_URL, f"person/{kept}")),
        found=profile_of(found, kept),
        category=category,
        text=text,
        address=address,
        at=at,
    )


def _keep(
    *,
    by: Caller,
    about: tuple[str, UUID],
    found: Found,
    category: str,
    text: str,
    address: str,
    at: datetime,
) -> Report:
    text = _checked(category, text)
    the_same = {"made_as": by.audience, "about_kind": about[0], "about_id": about[1]}
    known: Report | None = Report.objects.undecided().filter(**the_same).first()
    if known:
        return known
    _count(by, address, at=at)
    with transaction.atomic():
        made: Report
        made, is_new = Report.objects.undecided().get_or_create(
            **the_same,
            defaults={
                **by.as_owner(),
                "reported": found.person,
                "category": category,
                "text": text,
                "title": found.title[:200],
                "excerpt": found.excerpt[:LONGEST_EXCERPT],
                "url": found.url[:300],
                "made_at": at,
            },
        )
        if is_new:
            note(
                "report.made",
                by=by.audience,
                about=("report", made.pk),
                detail={"kind": about[0], "category": category},
                at=at,
            )
    return made


def _checked(category: str, text: str) -> str:
    if category not in Report.Category.values:
        raise NotAReport(_("Say what is wrong with it."), fields={"category": _("Choose one.")})
    text = text.replace("\0", "").strip()
    if len(text) > LIMITS.note_characters:
        said = _("At most %(limit)s characters.") % {"limit": LIMITS.note_characters}
        raise NotAReport(said, fields={"text": said})
    return text


def _count(by: Caller, address: str, *, at: datetime) -> None:
    said = _("You reported very much today.")
    bound = Bound(LIMITS.reports_a_day, 86_400)
    count(f"report:{by.audience}", bound, at=at).check(TooManyReports, said)
    if address and not by.is_member:
        bound = Bound(LIMITS.guest_reports_per_address_a_day, 86_400)
        count(f"report:{address}", bound, at=at).check(
            TooManyReports,
            _("Very much was reported from your network today."),
            way_on=_("Sign in to an account."),
        )
