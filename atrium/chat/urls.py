from django.urls import path

from atrium.chat.pages import chats, growing, turns, versions

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
    path("chat/turns/<uuid:turn_id>", turns.turn, name="turn"),
    path("chat/turns/<uuid:turn_id>/text", turns.text, name="text"),
    path("chat/turns/<uuid:turn_id>/growing", growing.growing, name="growing"),
    path("chat/<uuid:chat_id>/log", versions.log, name="log"),
    path("chat/turns/<uuid:turn_id>/again", versions.again, name="again"),
    path("chat/turns/<uuid:turn_id>/choose", versions.choose, name="choose"),
    path("chat/turns/<uuid:turn_id>/stop", turns.stop, name="stop"),
    path("chat/turns/<uuid:turn_id>/sources/<int:number>", turns.source, name="source"),
]
