from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.kit.errors import NotFound
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.people import actions
from atrium.people.api.asking import After, Size, caller_in, me_in
from atrium.people.models import ApiKey
from atrium.people.schemas.keys import KeyIn, KeyOut, KeyPage, NewKeyOut
from atrium.people.scopes import ACCOUNT, scope
from atrium.web.policy import policy
from atrium.web.schemas import errors

router = Router()


@router.get("/keys", response=KeyPage, tags=["keys"], summary="List your keys")
@scope(ACCOUNT)
@policy(who="member")
def list_keys(request: HttpRequest, after: After = None, size: Size = LIMITS.page_items) -> KeyPage:
    """Keys that still work, the newest first."""
    usable = ApiKey.objects.visible_to(caller_in(request)).usable(at=clock.now())
    page = page_of(usable, after=after, size=size, order=("-made_at", "-id"))
    return KeyPage(items=[KeyOut.of(key) for key in page.items], next=page.next)


@router.post("/keys", response={201: NewKeyOut, **errors(409)}, tags=["keys"], summary="Make a key")
@scope(ACCOUNT)
@policy(who="member")
def make_key(request: HttpRequest, asked: KeyIn) -> Status[NewKeyOut]:
    """The answer holds the token, which is not shown again.

    Asked with a key, the new one may do no more, and works no longer, than that key.
    """
    key, token = actions.issue_key(
        person=me_in(request),
        name=asked.name,
        scopes=asked.scopes,
        expires_at=asked.expires_at,
        spend_limit=None if asked.spend_limit is None else int(asked.spend_limit * MICRO),
        asked_with=caller_in(request).key,
        at=clock.now(),
    )
    return Status(201, NewKeyOut.with_token(key, token))


@router.delete(
    "/keys/{uuid:key_id}",
    response={204: None, **errors(404)},
    tags=["keys"],
    summary="Revoke a key",
)
@scope(ACCOUNT)
@policy(who="member")
def revoke_key(request: HttpRequest, key_id: UUID) -> Status[None]:
    """It opens nothing from the next call on. Revoking it again changes nothing."""
    key = ApiKey.objects.visible_to(caller_in(request)).filter(pk=key_id).first()
    if key is None:
        raise NotFound(_("You have no such key."))
    actions.revoke_key(key=key, at=clock.now())
    return Status(204, None)
