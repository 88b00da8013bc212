from django.urls import path

from atrium.files.pages import content, room, uploads

app_name = "files"
urlpatterns = [
    path("files", room.room, name="room"),
    path("files/limits", uploads.limits, name="limits"),
    path("files/uploads", uploads.uploads, name="uploads"),
    path("files/uploads/<uuid:upload_id>", uploads.upload, name="upload"),
    path("files/<uuid:file_id>/content", content.content, name="content"),
    path("files/<uuid:file_id>/picture", content.picture, name="picture"),
    path("files/<uuid:file_id>/thumbnail", content.thumbnail, name="thumbnail"),
    path("files/<uuid:file_id>/delete", room.delete, name="delete"),
    path("files/<uuid:file_id>/restore", room.restore, name="restore"),
    path("files/<uuid:file_id>/purge", room.purge, name="purge"),
    path("files/<uuid:file_id>/<str:name>", content.signed, name="signed"),
    # For programs: the same, opened with a key.
    path("api/v1/files/uploads", uploads.uploads, name="api_uploads"),
    path("api/v1/files/uploads/<uuid:upload_id>", uploads.upload, name="api_upload"),
]
