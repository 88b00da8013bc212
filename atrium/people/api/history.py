from django.http import HttpRequest
from ninja import Router

from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.people.api.asking import After, Size, me_in
from atrium.people.queries import history_of
from atrium.people.schemas.history import DoneOut, DonePage
from atrium.people.scopes import ACCOUNT, scope
from atrium.web.policy import policy

router = Router()


@router.get(
    "/me/history", response=DonePage, tags=["you"], summary="List what was done to your account"
)
@scope(ACCOUNT)
@policy(who="member")
def list_history(
    request: HttpRequest, after: After = None, size: Size = LIMITS.page_items
) -> DonePage:
    """By you, by staff, by the operator or by the house itself; the newest first."""
    me = me_in(request)
    page = page_of(history_of(me), after=after, size=size, order=("-number",))
    return DonePage(items=[DoneOut.of(entry, me) for entry in page.items], next=page.next)
