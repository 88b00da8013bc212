from datetime import timedelta

from atrium.chat import actions
from atrium.jobs.registry import Priority, every, job
from atrium.jobs.run import Run
from atrium.kit import clock


@job("chat.abandon_turns")
def abandon_turns(run: Run) -> None:
    """End answers whose process died."""
    actions.abandon_turns(at=clock.now())


@job("chat.purge_chats", priority=Priority.LATER)
def purge_chats(run: Run) -> None:
    """Empty the trash of what lay in it long enough."""
    actions.purge_chats(at=clock.now())


every("chat.purge_chats", timedelta(hours=1))
every("chat.abandon_turns", timedelta(seconds=10))
