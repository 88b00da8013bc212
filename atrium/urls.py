"""Every address: each of our apps that has a ``urls.py`` says its own, in full."""

from django.apps import apps
from django.urls import include, path
from django.utils.module_loading import module_has_submodule

urlpatterns = [
    path("", include(f"{app.name}.urls"))
    for app in apps.get_app_configs()
    if app.name.startswith("atrium.") and app.module and module_has_submodule(app.module, "urls")
]
# allauth looks its pages up by names of its own, outside the namespace of ``people``.
urlpatterns.append(path("", include("atrium.people.flows")))

handler400 = handler403 = handler404 = handler500 = "atrium.web.refusals.handle_error"
handler429 = "atrium.web.refusals.too_often"  # where allauth's own limits ask
