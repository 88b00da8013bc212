"""A chat that somebody shares, and one that began with somebody else's."""

from atrium.chat.actions import attach, fork, share_chat
from atrium.chat.copies import path_to
from atrium.kit import clock
from atrium.people.models import Guest, User
from tests import make
from tests.chat.spoken import chat_that_says


def shared(owner: User | Guest) -> dict[str, str]:
    """Share a chat of the owner's with a file; of a guest, who cannot, go on with one."""
    by, now = make.caller(owner), clock.now()
    person = owner if isinstance(owner, User) else make.person()
    chat = chat_that_says(person)
    document = make.document(by=person)
    attach(chat=chat, documents=[document], at=now)
    copy = share_chat(chat=chat, by=make.caller(person), documents=[document.pk], at=now)
    fork(copy=copy, by=by, at=now)
    return {"share_token": path_to(copy).rpartition("/")[2]}
