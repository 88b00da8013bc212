"""Holds and settles of calls, many at once: one thread, and a commit before anybody is answered."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from atrium.compat import actions, rates
from atrium.compat.actions import Begun, Ending, Wanted, asked_of
from atrium.compat.queries import models_by_name
from atrium.kit import clock
from atrium.kit.offload import offload
from atrium.kit.together import Together, Work
from atrium.metering import actions as metering
from atrium.metering.models import Receipt
from atrium.metering.standing import Standing
from atrium.people.attempts import Bound, Count
from atrium.people.caller import Caller

_BEGIN: Work[metering.Asked, Receipt] = Work(metering.reserve_all, metering.reserve_asked)
_END: Work[Ending, None] = Work(actions.end_calls, actions.end_this_call)

charges = Together("charges", _END, _BEGIN)
"""Those that end give back what others may begin with."""


async def begin(
    *, by: Caller, standing: Standing, most_calls: Bound, call_id: UUID, wanted: Wanted
) -> Begun:
    """Count the call and set aside what it may cost, as ``actions.begin_call``.

    :raises Refusal: when it will not be made
    """
    at = clock.now()
    counted = await _counted(by, most_calls)
    asking = partial(asked_of, by=by, call_id=call_id, wanted=wanted, standing=standing, at=at)
    model = models_by_name.at_hand((wanted.capability, wanted.slug))
    asked = asking(model=model) if model else await offload(_looked_up, asking, wanted)
    return Begun(await charges.do(_BEGIN, asked), asked.model, counted)


async def end(ending: Ending) -> None:
    """Charge for what was delivered, as ``actions.end_call``."""
    await charges.do(_END, ending)


async def _counted(by: Caller, most: Bound) -> Count:
    at = clock.now()
    counted = rates.count_at_once(by, most, at=at)
    return await offload(rates.count_call, by, at=at) if counted is None else counted


def _looked_up(asking: Callable[..., metering.Asked], wanted: Wanted) -> metering.Asked:
    return asking(model=models_by_name.get((wanted.capability, wanted.slug)))
