from typing import Annotated, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Path, Query, Router
from ninja.responses import Status

from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.moderation import actions, queries
from atrium.moderation.models import Block, Report
from atrium.moderation.schemas import (
    AppealIn,
    AppealOut,
    BlockOut,
    BlockPage,
    DecisionOut,
    DecisionPage,
    ReportIn,
    ReportOut,
    ReportPage,
)
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.web.address import address_of, neighbourhood
from atrium.web.policy import policy
from atrium.web.schemas import errors

PREFIX = ""
router = Router(tags=["moderation"])

After = Annotated[
    str | None,
    Query(None, max_length=LIMITS.cursor_characters, description="The `next` of the page before."),
]
Size = Annotated[int, Query(LIMITS.page_items, ge=1, le=LIMITS.page_items_most)]
Username = Annotated[str, Path(max_length=200, description="The name of the person.")]


@router.get("/blocks", response=BlockPage, summary="List whom you block")
@policy(who="member")
def list_blocks(
    request: HttpRequest, after: After = None, size: Size = LIMITS.page_items
) -> BlockPage:
    """By name."""
    mine = Block.objects.visible_to(_caller(request))
    page = page_of(mine, after=after, size=size, order=("name", "id"))
    return BlockPage(items=[BlockOut.of(one) for one in page.items], next=page.next)


@router.get(
    "/blocks/{username}", response={200: BlockOut, **errors(404)}, summary="Do you block them?"
)
@policy(who="member")
def read_block(request: HttpRequest, username: Username) -> BlockOut:
    """Not found, when you do not. Whether they block you is not told."""
    mine = Block.objects.visible_to(_caller(request))
    found = mine.filter(name=User.normalize_username(username)).first()
    if found is None:
        raise NotFound(_("You do not block this name."))
    return BlockOut.of(found)


@router.put("/blocks/{username}", response={200: BlockOut, **errors(409)}, summary="Block somebody")
@policy(who="member")
def block(request: HttpRequest, username: Username) -> BlockOut:
    """They are not told. The answer is the same when nobody has this name."""
    return BlockOut.of(actions.block(person=_me(request), name=username, at=clock.now()))


@router.delete("/blocks/{username}", response={204: None}, summary="Unblock somebody")
@policy(who="member")
def unblock(request: HttpRequest, username: Username) -> Status[None]:
    """Unblocking again changes nothing."""
    actions.unblock(person=_me(request), name=username)
    return Status(204, None)


@router.post("/reports", response={201: ReportOut, **errors(404)}, summary="Report something")
@policy(who="somebody")
def report(request: HttpRequest, asked: ReportIn) -> Status[ReportOut]:
    """What you saw is kept for the moderators. While your report waits, again is the same one.

    A person is reported by name; the answer is the same when nobody has it.
    """
    by, now = _caller(request), clock.now()
    if asked.kind and asked.id:
        made = actions.report(
            by=by,
            kind=asked.kind,
            thing_id=asked.id,
            category=asked.category,
            text=asked.text,
            address=neighbourhood(address_of(request)),
            at=now,
        )
    else:
        made = actions.report_person(
            by=by,
            name=asked.person,
            category=asked.category,
            text=asked.text,
            address=neighbourhood(address_of(request)),
            at=now,
        )
    return Status(201, ReportOut.of(made))


@router.get("/reports", response=ReportPage, summary="List what you reported")
@policy(who="somebody")
def list_reports(
    request: HttpRequest, after: After = None, size: Size = LIMITS.page_items
) -> ReportPage:
    """The newest first."""
    mine = Report.objects.visible_to(_caller(request))
    page = page_of(mine, after=after, size=size, order=("-made_at", "-id"))
    return ReportPage(items=[ReportOut.of(one) for one in page.items], next=page.next)


@router.get(
    "/reports/{uuid:report_id}",
    response={200: ReportOut, **errors(404)},
    summary="Read what you reported",
)
@policy(who="somebody")
def read_report(request: HttpRequest, report_id: UUID) -> ReportOut:
    """How far it is."""
    found = queries.reports_of(_caller(request)).filter(pk=report_id).first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not yours to see."))
    return ReportOut.of(found)


@router.get("/decisions", response=DecisionPage, summary="List decisions about you")
@policy(who="member")
def list_decisions(
    request: HttpRequest, after: After = None, size: Size = LIMITS.page_items
) -> DecisionPage:
    """What moderators decided against you, the newest first."""
    mine = queries.decisions_about(_caller(request))
    page = page_of(mine, after=after, size=size, order=("-decided_at", "-id"))
    return DecisionPage(items=[DecisionOut.of(one) for one in page.items], next=page.next)


@router.get(
    "/decisions/{uuid:decision_id}",
    response={200: DecisionOut, **errors(404)},
    summary="Read a decision about you",
)
@policy(who="member")
def read_decision(request: HttpRequest, decision_id: UUID) -> DecisionOut:
    """With its reasons, and what came of your appeal."""
    return DecisionOut.of(queries.decision_of(_caller(request), decision_id))


@router.post(
    "/decisions/{uuid:decision_id}/appeal",
    response={201: AppealOut, **errors(404, 409)},
    summary="Appeal against a decision",
)
@policy(who="member")
def appeal(request: HttpRequest, decision_id: UUID, asked: AppealIn) -> Status[AppealOut]:
    """Once; another moderator looks at it, where there is one. Sent again, the first stands."""
    found = queries.decision_of(_caller(request), decision_id)
    made = actions.appeal(decision=found, by=_me(request), text=asked.text, at=clock.now())
    return Status(201, AppealOut.of(made))


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> User:
    return cast(User, _caller(request).person)
