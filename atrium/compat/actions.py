from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.compat.errors import NoSuchModel, TooLong
from atrium.compat.models import Call
from atrium.compat.queries import CALL, anyone_that, calls_without_end, model_that
from atrium.compat.rates import count_call
from atrium.engines.models import Capability, Model
from atrium.engines.protocol import Usage
from atrium.kit import rows
from atrium.kit.together import ALONE, Alone
from atrium.metering import actions as metering
from atrium.metering.models import Receipt
from atrium.metering.standing import Standing
from atrium.people.attempts import Count
from atrium.people.caller import Caller

_KEEP = """
INSERT INTO compat_call (id, tokens_in, tokens_out, alive_until)
SELECT id, tokens_in, tokens_out, alive_until FROM {told} WHERE true
ON CONFLICT (id) DO UPDATE SET tokens_in = excluded.tokens_in, tokens_out = excluded.tokens_out,
    alive_until = excluded.alive_until
"""
_KEPT = {
    "id": "uuid",
    "tokens_in": "bigint",
    "tokens_out": "bigint",
    "alive_until": "timestamptz",
}
LEASE = timedelta(seconds=settings.JOB_LEASE_SECONDS)
TOKENS_A_SECOND = 20  # more than is heard or said in one
FORGOTTEN_AFTER = timedelta(hours=1)  # rows of calls that ended while they were written


class Begun(NamedTuple):
    """A call that may be made: counted, and set aside for."""

    receipt: Receipt
    model: Model
    counted: Count


class Delivered(NamedTuple):
    """How much of a call was delivered so far."""

    call_id: UUID
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a call asks for: of which model, with how many tokens, and for how much at most.

    ``slack`` is by how many tokens the engine may count more than we do; without ``most_out`` the
    model's own bound stands. ``seconds`` are of a recording: paid by the minute, or else in tokens
    by the second. ``place`` is where the caller wrote what is asked.
    """

    slug: str
    tokens_in: int
    slack: int = 0
    most_out: int | None = None
    answers: int = 1
    pictures: int = 0
    seconds: int = 0
    capability: Capability = Capability.ANSWERS
    place: str = "messages"


@dataclass(frozen=True, slots=True)
class Ending:
    """A call that is to be ended.

    ``fixed`` micro-credits are for what was delivered that tokens do not count; all, if None.
    """

    receipt: Receipt
    delivered: Delivered | None
    said: Usage | None
    was_kept: bool
    at: datetime
    fixed: int | None = None

    @property
    def is_common(self) -> bool:
        """Whether it can be ended together with others."""
        return self.delivered is not None and self.fixed is None


def begin_call(*, by: Caller, call_id: UUID, wanted: Wanted, at: datetime) -> Begun:
    """Count the call and set aside what it may cost.

    :raises TooManyCalls: when it is one too many within a minute
    :raises NoSuchModel: when no such model is offered
    :raises TooLong: before anything is set aside
    :raises Refusal: when it cannot be paid
    """
    counted = count_call(by, at=at)
    model = model_that(wanted.capability, wanted.slug)
    asked = asked_of(by=by, call_id=call_id, wanted=wanted, model=model, at=at)
    return Begun(metering.reserve_asked(asked), asked.model, counted)


def asked_of(
    *,
    by: Caller,
    call_id: UUID,
    wanted: Wanted,
    model: Model | None,
    standing: Standing | None = None,
    at: datetime,
) -> metering.Asked:
    """Return what is to be set aside for a call.

    :raises NoSuchModel: when there is no model
    :raises TooLong: when it takes or gives fewer tokens
    """
    if model is None:
        raise _no_such_model(wanted)
    if wanted.tokens_in > model.context_tokens:
        raise TooLong(
            _("This is about %(used)d tokens, and the model takes %(limit)d.")
            % {"used": wanted.tokens_in, "limit": model.context_tokens},
            limit=model.context_tokens,
            used=wanted.tokens_in,
            fields={wanted.place: ""},
        )
    if wanted.most_out and wanted.most_out > model.most_output_tokens:
        raise TooLong(
            _("An answer has at most %(limit)d tokens here.") % {"limit": model.most_output_tokens},
            code="invalid_value",
            limit=model.most_output_tokens,
            used=wanted.most_out,
            fields={"max_completion_tokens": ""},
        )
    spoken = 0 if model.minute_price else wanted.seconds * TOKENS_A_SECOND
    return metering.Asked(
        by=by,
        model=model,
        tokens_in=wanted.tokens_in + wanted.slack + spoken,
        most_tokens_out=spoken
        + wanted.answers
        * (model.most_output_tokens if wanted.most_out is None else wanted.most_out),
        fixed=wanted.pictures * model.image_price + _for_minutes(wanted, model),
        about=(CALL, call_id),
        key=f"call:{call_id}",
        standing=standing,
        at=at,
    )


def _no_such_model(wanted: Wanted) -> NoSuchModel:
    is_known = anyone_that(wanted.capability)
    return NoSuchModel(
        _("There is no model called %(name)s that can do this.") % {"name": wanted.slug}
        if is_known
        else _("No engine that can do this is connected here."),
        way_on="" if is_known else _("Tell whoever runs this place."),
        fields={"model": ""},
    )


def _for_minutes(wanted: Wanted, model: Model) -> int:
    return -(-wanted.seconds * model.minute_price // 60)


@transaction.atomic
def end_call(
    *,
    receipt: Receipt,
    delivered: Delivered | None,
    said: Usage | None = None,
    was_kept: bool = False,
    fixed: int | None = None,
    at: datetime,
) -> Receipt:
    """Charge for what was delivered; nothing when that is nothing. Only the first time.

    What the engine ``said`` that it used stands, as far as it can be true. ``fixed`` is for what
    tokens do not count; all that was set aside for that, if left out.
    """
    if was_kept:
        Call.objects.filter(pk=receipt.about_id).delete()
    if delivered is None:
        return metering.release(receipt=receipt, at=at)
    return metering.settle(
        receipt=receipt,
        tokens_in=said.tokens_in if said else None,
        tokens_out=said.tokens_out if said else None,
        counted=(delivered.tokens_in, delivered.tokens_out),
        fixed=fixed,
        at=at,
    )


@transaction.atomic
def end_calls(endings: Sequence[Ending]) -> list[Alone | None]:
    """End many calls that delivered something; the others are to be ended alone."""
    charged = [one for one in endings if one.is_common]
    if kept := [one.receipt.about_id for one in charged if one.was_kept]:
        Call.objects.filter(pk__in=kept).delete()
    used = [_used(one, one.delivered) for one in charged if one.delivered]
    ended = iter(metering.settle_all(used))
    return [next(ended) if one.is_common else ALONE for one in endings]


def end_this_call(ending: Ending) -> None:
    end_call(
        receipt=ending.receipt,
        delivered=ending.delivered,
        said=ending.said,
        was_kept=ending.was_kept,
        fixed=ending.fixed,
        at=ending.at,
    )


def _used(one: Ending, delivered: Delivered) -> metering.Used:
    said = (one.said.tokens_in, one.said.tokens_out) if one.said else (None, None)
    return metering.Used(one.receipt, said, (delivered.tokens_in, delivered.tokens_out), one.at)


@transaction.atomic
def keep_calls(*, so_far: Iterable[Delivered], at: datetime) -> None:
    """Write down how much of each call was delivered, for whoever ends it if this process dies."""
    until = at + LEASE
    rows.run(_KEEP, [(*one, until) for one in sorted(so_far)], _KEPT)


def end_dead_calls(*, at: datetime) -> int:
    """End calls whose process died, each charged for what it had written down as delivered."""
    dead = calls_without_end(began_before=at - LEASE)
    Call.objects.filter(alive_until__lt=at - FORGOTTEN_AFTER).delete()
    return sum(end_dead_call(receipt=receipt, at=at) for receipt in dead)


def end_dead_call(*, receipt: Receipt, at: datetime) -> bool:
    """End this call, unless its process is alive."""
    call = Call.objects.filter(pk=receipt.about_id).first()
    if call and call.alive_until >= at:
        return False
    delivered = None
    if call and call.tokens_out:
        delivered = Delivered(call.pk, call.tokens_in, call.tokens_out)
    end_call(receipt=receipt, delivered=delivered, was_kept=call is not None, at=at)
    return True
