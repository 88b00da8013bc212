"""Where somebody keeps their chats."""

from atrium.chat.actions import make_folder, move_chat
from atrium.chat.models import Chat, Import
from atrium.kit import clock
from atrium.people.models import Guest, User
from tests import make


def kept(owner: User | Guest, *, chat: str) -> dict[str, str]:
    """Put a chat into a folder, and return what addresses call that."""
    by = make.caller(owner)
    folder = make_folder(by=by, title="Garden", instructions="Be brief.", at=clock.now())
    move_chat(chat=Chat.objects.get(pk=chat), folder=folder)
    return {"folder_id": str(folder.pk), "form": "markdown", **_imported(owner)}


def _imported(owner: User | Guest) -> dict[str, str]:
    if isinstance(owner, Guest):
        return {}
    now = clock.now()
    made = Import.objects.create(
        person=owner,
        name="conversations.json",
        state=Import.State.FAILED,
        failure="It was no JSON.",
        begun_at=now,
        ended_at=now,
    )
    return {"import_id": str(made.pk)}
