"""An answer while it is written, laid out as it will be in the end."""

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from atrium.chat import queries
from atrium.chat.generation import desk
from atrium.chat.pages.whose import answer_of
from atrium.web.markdown import render_growing
from atrium.web.policy import page

_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_RANKS = re.compile(r"[1-6]{0,6}", re.ASCII)


@page("GET", who="anyone")
def growing(request: HttpRequest, turn_id: UUID) -> HttpResponseBase:
    """What stands of an answer from an offset on, in two parts: what is settled, what may change.

    ``from`` and ``above`` come from the answer before; where there was none, it begins.
    """
    answer = answer_of(request, turn_id)
    whole = desk.text_of(answer.pk)
    whole = answer.said if whole is None else whole
    asked_from, above = request.GET.get("from", "0"), request.GET.get("above", "")
    at = min(int(asked_from), len(whole)) if _NUMBER.fullmatch(asked_from) else 0
    grown = render_growing(
        whole[at:],
        above=above if _RANKS.fullmatch(above) else "",
        cites=queries.may_cite(answer),
    )
    return JsonResponse(
        {
            "turn": str(answer.pk),
            "state": answer.state,
            "settled": grown.settled,
            "last": grown.last,
            "from": at + grown.length,
            "above": grown.above,
            "length": len(whole),
            "thoughts": "" if answer.hidden_at else desk.thoughts_of(answer.pk) or answer.thoughts,
        }
    )
