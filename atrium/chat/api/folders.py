from uuid import UUID

from django.http import HttpRequest
from ninja.responses import Status

from atrium.chat import actions, keeping
from atrium.chat.api.whose import caller_of, folder_of, router
from atrium.chat.models import Folder
from atrium.chat.schemas import FolderChangeIn, FolderIn, FolderList, FolderOut
from atrium.kit import clock
from atrium.web.policy import policy
from atrium.web.schemas import errors


@router.get("/folders", response=FolderList, summary="List your folders")
@policy(who="somebody")
def list_folders(request: HttpRequest) -> FolderList:
    """By name."""
    found = keeping.folders_of(caller_of(request))
    return FolderList(items=[FolderOut.of(folder, folder.count) for folder in found])


@router.post("/folders", response={201: FolderOut}, summary="Make a folder for chats")
@policy(who="somebody")
def make_folder(request: HttpRequest, wanted: FolderIn) -> Status[FolderOut]:
    """Its instructions are told to models with every question in its chats."""
    made: Folder = actions.make_folder(
        by=caller_of(request),
        title=wanted.title,
        instructions=wanted.instructions,
        at=clock.now(),
    )
    return Status(201, FolderOut.of(made))


@router.patch(
    "/folders/{uuid:folder_id}",
    response={200: FolderOut, **errors(404)},
    summary="Change a folder",
)
@policy(who="somebody")
def change_folder(request: HttpRequest, folder_id: UUID, wanted: FolderChangeIn) -> FolderOut:
    """What is not sent stays."""
    folder = folder_of(request, folder_id)
    actions.change_folder(folder=folder, title=wanted.title, instructions=wanted.instructions)
    changed = folder_of(request, folder_id)
    return FolderOut.of(changed, getattr(changed, "count", 0))


@router.delete(
    "/folders/{uuid:folder_id}",
    response={204: None, **errors(404)},
    summary="Delete a folder",
)
@policy(who="somebody")
def delete_folder(request: HttpRequest, folder_id: UUID) -> Status[None]:
    """Its chats stay."""
    actions.delete_folder(folder=folder_of(request, folder_id))
    return Status(204, None)
