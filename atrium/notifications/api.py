from typing import Annotated, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.notifications import actions, announcements, queries
from atrium.notifications.models import Notification
from atrium.notifications.schemas import (
    AnnouncementList,
    AnnouncementOut,
    NotificationOut,
    NotificationPage,
    ReadOut,
)
from atrium.people.caller import Caller
from atrium.web.policy import policy
from atrium.web.schemas import errors

PREFIX = ""
router = Router()

After = Annotated[
    str | None,
    Query(None, max_length=LIMITS.cursor_characters, description="The `next` of the page before."),
]
Size = Annotated[int, Query(LIMITS.page_items, ge=1, le=LIMITS.page_items_most)]


@router.get(
    "/notifications",
    response=NotificationPage,
    tags=["notifications"],
    summary="List what you were told",
)
@policy(who="member")
def list_notifications(
    request: HttpRequest, after: After = None, size: Size = LIMITS.page_items
) -> NotificationPage:
    """The newest first, in your language."""
    told = Notification.objects.visible_to(_caller(request)).in_app()
    page = page_of(told, after=after, size=size, order=("-made_at", "-id"))
    return NotificationPage(
        items=[NotificationOut.of(one) for one in page.items],
        next=page.next,
        unread=queries.unread_count(_caller(request)),
    )


@router.post(
    "/notifications/read", response=ReadOut, tags=["notifications"], summary="Mark all as read"
)
@policy(who="member")
def read_all(request: HttpRequest) -> ReadOut:
    """Everything told until now."""
    return ReadOut(read=actions.mark_all_read(by=_caller(request), at=clock.now()))


@router.post(
    "/notifications/{uuid:notification_id}/read",
    response={200: NotificationOut, **errors(404)},
    tags=["notifications"],
    summary="Mark one as read",
)
@policy(who="member")
def read(request: HttpRequest, notification_id: UUID) -> NotificationOut:
    """The first time counts."""
    found = queries.notification_of(_caller(request), notification_id)
    return NotificationOut.of(actions.mark_read(notification=found, at=clock.now()))


@router.get(
    "/announcements",
    response=AnnouncementList,
    tags=["notifications"],
    summary="List what is announced",
)
@policy(who="anyone")
def list_announcements(request: HttpRequest) -> AnnouncementList:
    """What everybody, or somebody like you, is told now and has not put away; warnings first."""
    found = announcements.current(_caller(request), at=clock.now())
    return AnnouncementList(items=[AnnouncementOut.of(one) for one in found])


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
