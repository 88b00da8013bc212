"""One question with its files, from whichever surface it comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.chat import actions
from atrium.chat.actions import Begun, NoSuchFolder
from atrium.chat.generation import desk
from atrium.chat.keeping import folder_of
from atrium.chat.models import Chat, Folder, Preset, Turn
from atrium.engines.models import Model
from atrium.engines.queries import default_model, model_named
from atrium.files.actions import keep_upload
from atrium.files.actions.pictures import draw_for_engines
from atrium.files.models import File
from atrium.kit.errors import NotFound
from atrium.people.caller import Caller
from atrium.sources.actions import add_document

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class NoSuchModel(NotFound):
    code = "model_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody sends: a question, who shall answer it, where it stands, and what it is about.

    It follows the turn ``after``, or stands in the place of the question that it ``edits``; else
    it follows the branch that is shown. ``beside`` names a second model to ask the same;
    ``preset`` and ``folder`` are for a chat that begins.
    """

    text: str
    key: str = ""
    model: str = ""
    beside: str = ""
    preset: UUID | None = None
    folder: UUID | None = None
    after: UUID | None = None
    edits: UUID | None = None
    file_ids: Sequence[str | UUID] = ()
    uploads: "Sequence[UploadedFile]" = ()


def ask(*, by: Caller, chat: Chat | None, asked: Asked, at: datetime) -> tuple[Chat, Begun]:
    """Keep the files, attach them, keep the question, and have its answer written.

    All of it or, when any part is refused, nothing but files that were kept already.
    """
    kept = [_keep(by, upload, at) for upload in asked.uploads if upload.name]
    files = [*kept, *_files(by, asked.file_ids)]
    pictures = [file for file in files if file.is_image]
    actions.check_pictures(pictures)
    for picture in pictures:
        draw_for_engines(file=picture, at=at)
    with transaction.atomic():
        chat = chat or _opened(by, asked, at)
        begun = actions.begin_turn(
            by=by,
            chat=chat,
            text=asked.text,
            model=model_for(chat, asked.model),
            beside=model_for(chat, asked.beside) if asked.beside else None,
            after=asked.after,
            edits=asked.edits,
            pictures=pictures,
            key=asked.key,
            at=at,
        )
        if begun.is_new:  # the same form sent twice brings its files twice
            texts = [file for file in files if not file.is_image]
            documents = [add_document(by=by, file=file, at=at) for file in texts]
            actions.attach(chat=chat, documents=documents, at=at)
            for answer in begun.answers:
                desk.begin(answer.pk)
    return chat, begun


def _opened(by: Caller, asked: Asked, at: datetime) -> Chat:
    chat = actions.start_chat(by=by, key=asked.key, at=at)
    if asked.preset:
        actions.take_preset(chat=chat, preset=preset_named(by, asked.preset))
    if asked.folder:
        actions.move_chat(chat=chat, folder=folder_named(by, asked.folder))
        chat.refresh_from_db()
    return chat


def preset_named(by: Caller, preset_id: UUID) -> Preset:
    found: Preset | None = Preset.objects.visible_to(by).filter(pk=preset_id).first()
    if found is None:
        raise NotFound(_("There is no such preset."))
    return found


def folder_named(by: Caller, folder_id: UUID) -> Folder:
    """:raises NoSuchFolder: when the caller has none of this name"""
    found = folder_of(by, folder_id)
    if found is None:
        raise NoSuchFolder(_("You have no such folder."))
    return found


def ask_again(
    *, by: Caller, answer: Turn, model_slug: str = "", key: str = "", at: datetime
) -> Begun:
    """Have the same question answered once more, by the same model unless another is named."""
    slug = model_slug or (answer.model.slug if answer.model else "")
    model = model_named(slug) or model_for(answer.chat, model_slug)
    with transaction.atomic():
        begun = actions.answer_again(by=by, answer=answer, model=model, key=key, at=at)
        if begun.is_new:
            desk.begin(begun.answer.pk)
    return begun


def model_for(chat: Chat | None, slug: str) -> Model:
    """Return the model that is named, or the one that the chat was last asked with, if it is
    still offered; else the first of all.

    :raises NoSuchModel: when the one that is named is not offered
    """
    if slug:
        model = model_named(slug)
        if model is None:
            raise NoSuchModel(_("There is no model called %(name)s.") % {"name": slug})
        return model
    last = model_named(chat.model.slug) if chat and chat.model else None
    return last or default_model()


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
