"""One question with its files, from whichever surface it comes."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.chat import actions
from atrium.chat.actions import Begun
from atrium.chat.generation import desk
from atrium.chat.models import Chat
from atrium.engines.queries import default_model, model_named
from atrium.files.actions import keep_upload
from atrium.files.models import File
from atrium.kit.errors import NotFound
from atrium.people.caller import Caller
from atrium.sources.actions import add_document

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class NoSuchModel(NotFound):
    code = "model_not_found"


def ask(
    *,
    by: Caller,
    chat: Chat | None,
    text: str,
    key: str = "",
    model_slug: str = "",
    file_ids: Sequence[str | UUID] = (),
    uploads: "Sequence[UploadedFile]" = (),
    at: datetime,
) -> tuple[Chat, Begun]:
    """Keep the files, attach them, keep the question, and have its answer written.

    All of it or, when any part is refused, nothing but files that were kept already.
    """
    model = model_named(model_slug) if model_slug else default_model()
    if model is None:
        raise NoSuchModel(_("There is no model called %(name)s.") % {"name": model_slug})
    kept = [_keep(by, upload, at) for upload in uploads if upload.name]
    with transaction.atomic():
        files = [*kept, *_files(by, file_ids)]
        chat = chat or actions.start_chat(by=by, key=key, at=at)
        begun = actions.begin_turn(by=by, chat=chat, text=text, model=model, key=key, at=at)
        if begun.is_new:  # the same form sent twice brings its files twice
            documents = [add_document(by=by, file=file, at=at) for file in files]
            actions.attach(chat=chat, documents=documents, at=at)
            desk.begin(begun.answer.pk)
    return chat, begun


def _keep(by: Caller, upload: "UploadedFile", at: datetime) -> File:
    return keep_upload(
        by=by,
        name=upload.name or "",
        source=upload.chunks(),
        expected_size=upload.size or 0,
        declared_kind=upload.content_type or "",
        at=at,
    )


def _files(by: Caller, file_ids: Sequence[str | UUID]) -> list[File]:
    wanted = [_id(one) for one in file_ids if one]
    found = File.objects.visible_to(by).kept().in_bulk(wanted)
    if missing := [one for one in wanted if one not in found]:
        raise NotFound(_("The file %(id)s is not here.") % {"id": missing[0]})
    return [found[one] for one in wanted]


def _id(text: str | UUID) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound(_("A file has no such name here.")) from None
