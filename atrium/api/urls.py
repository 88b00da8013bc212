from django.urls import path

from atrium.api import pages
from atrium.api.routers import ROOT, roof

api = roof()
urlpatterns = [
    path("api/docs", pages.docs, name="api_docs"),
    path("api/v1/openapi.json", pages.openapi, name="openapi"),
    path(f"{ROOT[1:]}/", api.urls),
]
