from typing import Annotated

from django.http import HttpRequest
from ninja import Query

from atrium.chat import searching
from atrium.chat.api.whose import caller_of, router
from atrium.chat.schemas import ChatOut, FoundOut, HitOut
from atrium.kit.limits import LIMITS
from atrium.web.policy import policy

Words = Annotated[
    str, Query(..., max_length=LIMITS.query_characters, description="Words to look for.")
]


@router.get("/search", response=FoundOut, summary="Search in your chats")
@policy(who="somebody")
def search(request: HttpRequest, q: Words) -> FoundOut:
    """Titles, where one letter may be wrong, and what was said; the trash aside."""
    found = searching.find(caller_of(request), q)
    return FoundOut(
        chats=[ChatOut.of(chat) for chat in found.chats],
        hits=[HitOut.of(hit) for hit in found.hits],
    )
