from django.urls import path

from atrium.handbook import pages

app_name = "handbook"
urlpatterns = [
    path("handbook", pages.book, name="book"),
    path("handbook/<slug:chapter_slug>", pages.chapter, name="chapter"),
]
