from django.urls import path

from atrium.chat import pages

app_name = "chat"
urlpatterns = [
    path("chat", pages.chats, name="chats"),
    path("chat/new", pages.start, name="start"),
    path("chat/<uuid:chat_id>", pages.chat, name="chat"),
    path("chat/<uuid:chat_id>/turns", pages.turns, name="turns"),
    path("chat/<uuid:chat_id>/since", pages.since, name="since"),
    path("chat/<uuid:chat_id>/documents", pages.documents, name="documents"),
    path("chat/<uuid:chat_id>/rename", pages.rename, name="rename"),
    path("chat/<uuid:chat_id>/delete", pages.delete, name="delete"),
    path("chat/<uuid:chat_id>/restore", pages.restore, name="restore"),
    path("chat/turns/<uuid:turn_id>", pages.turn, name="turn"),
    path("chat/turns/<uuid:turn_id>/text", pages.text, name="text"),
    path("chat/turns/<uuid:turn_id>/stop", pages.stop, name="stop"),
    path("chat/turns/<uuid:turn_id>/sources/<int:number>", pages.source, name="source"),
]
