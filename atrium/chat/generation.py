"""Answers being written in this process: tasks of the server, not of the requests that asked.

Each has a buffer that readers catch up from by offset; its pieces go out as whispers, a saver keeps
the text of all of them each second, and the end settles even when the task is cancelled.
"""

import asyncio
import contextvars
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from atrium.chat import access, actions, queries, titles
from atrium.chat.models import Turn
from atrium.chat.prompts import tokens_of
from atrium.engines.protocol import EngineTrouble, Question, Quote, Reasoning, Text, Usage
from atrium.engines.registry import engine_for
from atrium.events.actions import whisper
from atrium.kit import clock
from atrium.kit.bell import Ear, ring
from atrium.kit.offload import offload
from atrium.web import drain

STOP = "stop"
MOVED = access.MOVED
SAVE_EVERY = 1.0
LONGEST_WAIT_FOR_READING = 90.0
MOST_THOUGHTS = 200_000
log = logging.getLogger(__name__)


@dataclass(eq=False)
class Writing:
    """One answer on its way."""

    answer: Turn
    audiences: list[str]
    parts: list[str] = field(default_factory=list)
    length: int = 0  # in code points, as readers count
    thoughts: str = ""
    quotes: list[Quote] = field(default_factory=list)
    usage: Usage | None = None
    tokens_in: int = 0  # by our own count
    task: "asyncio.Task[None] | None" = None
    is_stopped: bool = False

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def add(self, text: str) -> None:
        """Append ``text`` and send it to who reads along."""
        at, self.length = self.length, self.length + len(text)
        self.parts.append(text)
        self._whisper("turn.text", {"turn": str(self.answer.pk), "at": at, "text": text})

    def think(self, text: str) -> None:
        """Append to what is shown apart, and say that there is more of it."""
        self.thoughts = (self.thoughts + text)[:MOST_THOUGHTS]
        told = {"turn": str(self.answer.pk), "length": len(self.thoughts)}
        self._whisper("turn.thinks", told)

    def _whisper(self, kind: str, told: dict[str, Any]) -> None:
        for audience in self.audiences:
            whisper(audience, kind, told)


class Desk:
    """Where this process writes its answers. Everything here runs in the event loop's thread,
    but ``begin`` and ``stop``, which may be called from any."""

    def __init__(self) -> None:
        self._writing: dict[UUID, Writing] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._saver: asyncio.Task[None] | None = None
        self._ear: Ear | None = None
        # Committed, and not in ``_writing`` yet; True when Stop came that early.
        self._begun: dict[UUID, bool] = {}
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself holds its tasks only weakly
        self._stopping: set[UUID] = set()  # asked for here, and not known to have ended

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._saver = self._loop.create_task(self._keep_saving(), context=contextvars.Context())
        self._ear = Ear([STOP, MOVED], self._hear)
        self._ear.start()
        drain.on_drain(self._stop_all_soon)

    async def close(self) -> None:
        """Stop what is being written, and wait until each is settled."""
        if self._ear:
            self._ear.stop()
        if self._saver:
            self._saver.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._loop = None

    def begin(self, answer_id: UUID) -> None:
        """Start to write the answer, once what opened it is committed."""
        transaction.on_commit(lambda: self._begin_soon(answer_id))

    def stop(self, answer_id: UUID) -> None:
        """End the answer where it is, in whichever process writes it; one that did not hear of it
        is told again each second."""
        self._hear_stop({"turn": str(answer_id)})
        self._stopping.add(answer_id)
        ring(STOP, {"turn": str(answer_id)})

    def text_of(self, answer_id: UUID) -> str | None:
        """Return the text so far, if this process is the one that writes it."""
        writing = self._writing.get(answer_id)
        return writing.text if writing else None

    def thoughts_of(self, answer_id: UUID) -> str | None:
        """Return what was thought so far, if this process is the one that writes the answer."""
        writing = self._writing.get(answer_id)
        return writing.thoughts if writing else None

    def _begin_soon(self, answer_id: UUID) -> None:
        if self._loop is None:
            log.warning("No event loop writes answers here; the sweep will end %s.", answer_id)
            return
        self._begun[answer_id] = False
        self._loop.call_soon_threadsafe(self._begin, answer_id)

    def _begin(self, answer_id: UUID) -> None:
        # An empty context: an inherited one keeps the request's thread while the task lives.
        task = asyncio.get_running_loop().create_task(
            self.write(answer_id), context=contextvars.Context()
        )
        task.add_done_callback(_say_fault)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def write(self, answer_id: UUID) -> None:
        """Write one answer from its first word to its settle."""
        try:
            answer, audiences = await offload(_to_write, answer_id)
        finally:
            is_stopped = self._begun.pop(answer_id, False)
        if answer is None or not answer.is_writing:
            return
        writing = Writing(answer, audiences, task=asyncio.current_task())
        self._writing[answer.pk] = writing
        state, failure = Turn.State.FAILED, ""
        try:
            if is_stopped:
                self._cancel(answer.pk)  # comes up at the next wait
            await self._ask(writing)
            state = Turn.State.DONE
        except asyncio.CancelledError:
            state = Turn.State.STOPPED
        except EngineTrouble as trouble:
            failure = trouble.said
        except Exception:
            log.exception("Writing answer %s failed.", answer.pk)
            with override(answer.language):
                failure = _("Something went wrong here. You were not charged for what is missing.")
        finally:
            await _unbroken(self._end(writing, state, failure))
        if state == Turn.State.DONE:
            self._name(writing)

    def _name(self, writing: Writing) -> None:
        """Have the chat named, while nobody waits for that."""
        answer = writing.answer
        answer.text = writing.text
        task = asyncio.get_running_loop().create_task(
            titles.suggest(answer), context=contextvars.Context()
        )
        task.add_done_callback(_say_fault)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, writing: Writing) -> None:
        question = await self._question_for(writing)
        writing.tokens_in = tokens_of(question)
        assert writing.answer.model is not None
        engine = engine_for(writing.answer.model, for_guest=writing.answer.person_id is None)
        async for piece in engine.answer(question):
            if isinstance(piece, Text):
                writing.add(piece.text)
            elif isinstance(piece, Reasoning):
                writing.think(piece.text)
            elif isinstance(piece, Quote):
                writing.quotes.append(piece)
            elif isinstance(piece, Usage):
                writing.usage = piece
            await asyncio.sleep(0)  # let the stream go out, and Stop come in, between pieces

    async def _question_for(self, writing: Writing) -> Question:
        """Gather what the engine gets, after the files dropped with the question were read."""
        deadline = asyncio.get_running_loop().time() + LONGEST_WAIT_FOR_READING
        while await offload(queries.is_still_reading, writing.answer.chat):
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.1)
        return await offload(queries.question_for, writing.answer)

    async def _end(self, writing: Writing, state: Turn.State, failure: str) -> None:
        try:
            await offload(_finish, writing, state, failure)
        finally:
            self._writing.pop(writing.answer.pk, None)

    async def save(self) -> None:
        """Keep the text of everything being written here."""
        if rows := [(writing.answer.pk, writing.text) for writing in self._writing.values()]:
            self._address(await offload(_save, rows))

    async def _keep_saving(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            try:
                await self.save()
                await self._ring_again()
            except Exception:
                log.exception("The text being written could not be kept; trying again.")

    async def _ring_again(self) -> None:
        if asked := set(self._stopping):
            written = await offload(queries.still_written, asked)
            self._stopping -= asked - written
            for answer_id in written:
                ring(STOP, {"turn": str(answer_id)})

    def _hear(self, topic: str, message: dict[str, str] | None) -> None:
        if topic == STOP:
            self._hear_stop(message)
        elif self._loop is not None:
            self._loop.call_soon_threadsafe(self._look_whose)

    def _look_whose(self) -> None:
        """Who asked as a guest may have signed in, and others may have come or gone."""
        task = asyncio.get_running_loop().create_task(
            self._address_anew(), context=contextvars.Context()
        )
        task.add_done_callback(_say_fault)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _address_anew(self) -> None:
        if self._writing:
            self._address(await offload(access.audiences_of, list(self._writing)))

    def _address(self, audiences: dict[UUID, list[str]]) -> None:
        for answer_id, those in audiences.items():
            if writing := self._writing.get(answer_id):
                writing.audiences = those

    def _hear_stop(self, message: dict[str, str] | None) -> None:
        if self._loop is None or not message or "turn" not in message:
            return
        self._loop.call_soon_threadsafe(self._cancel, UUID(message["turn"]))

    def _cancel(self, answer_id: UUID) -> None:
        writing = self._writing.get(answer_id)
        if writing and writing.task:
            if not writing.is_stopped:  # a second time would break off its end
                writing.is_stopped = True
                writing.task.cancel()
        elif answer_id in self._begun:
            self._begun[answer_id] = True

    def _stop_all_soon(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._cancel_all)

    def _cancel_all(self) -> None:
        for answer_id in list(self._writing):
            self._cancel(answer_id)


desk = Desk()


async def _unbroken(work: Awaitable[None]) -> None:
    """Finish ``work`` even when the task that waits for it is cancelled once more."""
    inner = asyncio.ensure_future(work)
    try:
        await asyncio.shield(inner)
    except asyncio.CancelledError:
        await inner


def _to_write(answer_id: UUID) -> tuple[Turn | None, list[str]]:
    """Return the answer, and who hears it by now."""
    answer = queries.answer_to_write(answer_id)
    return answer, access.audiences_in(answer.chat) if answer else []


def _finish(writing: Writing, state: Turn.State, failure: str) -> None:
    text = writing.text
    usage = writing.usage
    with override(writing.answer.language):
        actions.finish_turn(
            answer=writing.answer,
            text=text,
            thoughts=writing.thoughts,
            quotes=writing.quotes,
            state=state,
            failure=failure,
            tokens_in=usage.tokens_in if usage else writing.tokens_in,
            tokens_out=usage.tokens_out if usage else None,
            at=clock.now(),
        )


def _save(rows: list[tuple[UUID, str]]) -> dict[UUID, list[str]]:
    """Keep the text of all answers being written, and say who hears each by now."""
    alive_until = clock.now() + actions.LEASE
    with transaction.atomic():
        for answer_id, text in rows:
            Turn.objects.filter(pk=answer_id, state=Turn.State.WRITING).update(
                text=text, alive_until=alive_until
            )
    return access.audiences_of([answer_id for answer_id, _text in rows])


def _say_fault(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (fault := task.exception()):
        log.error("An answer's task failed.", exc_info=fault)
