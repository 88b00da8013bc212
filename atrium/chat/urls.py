from django.urls import path

from atrium.chat.pages import chats, exports, folders, growing, search, turns, versions

app_name = "chat"
urlpatterns = [
    path("chat", chats.chats, name="chats"),
    path("chat/new", turns.start, name="start"),
    path("chat/<uuid:chat_id>", turns.chat, name="chat"),
    path("chat/<uuid:chat_id>/turns", turns.turns, name="turns"),
    path("chat/<uuid:chat_id>/since", turns.since, name="since"),
    path("chat/<uuid:chat_id>/documents", turns.documents, name="documents"),
    path("chat/<uuid:chat_id>/rename", chats.rename, name="rename"),
    path("chat/<uuid:chat_id>/delete", chats.delete, name="delete"),
    path("chat/<uuid:chat_id>/restore", chats.restore, name="restore"),
    path("chat/<uuid:chat_id>/purge", chats.purge, name="purge"),
    path("chat/<uuid:chat_id>/at/<uuid:turn_id>", search.at, name="at"),
    path("chat/<uuid:chat_id>/pin", chats.pin, name="pin"),
    path("chat/<uuid:chat_id>/unpin", chats.unpin, name="unpin"),
    path("chat/<uuid:chat_id>/move", folders.move, name="move"),
    path("chat/trash/empty", chats.empty_trash, name="empty_trash"),
    path("chat/<uuid:chat_id>/export/<slug:form>", exports.one, name="export"),
    path("chat/export/<slug:form>", exports.every, name="export_all"),
    path("chat/search", search.search, name="search"),
    path("chat/folders", folders.make, name="make_folder"),
    path("chat/folders/<uuid:folder_id>", folders.folder, name="folder"),
    path("chat/folders/<uuid:folder_id>/change", folders.change, name="change_folder"),
    path("chat/folders/<uuid:folder_id>/delete", folders.delete, name="delete_folder"),
    path("chat/turns/<uuid:turn_id>", turns.turn, name="turn"),
    path("chat/turns/<uuid:turn_id>/text", turns.text, name="text"),
    path("chat/turns/<uuid:turn_id>/growing", growing.growing, name="growing"),
    path("chat/<uuid:chat_id>/log", versions.log, name="log"),
    path("chat/turns/<uuid:turn_id>/again", versions.again, name="again"),
    path("chat/turns/<uuid:turn_id>/choose", versions.choose, name="choose"),
    path("chat/turns/<uuid:turn_id>/stop", turns.stop, name="stop"),
    path("chat/turns/<uuid:turn_id>/sources/<int:number>", turns.source, name="source"),
]
