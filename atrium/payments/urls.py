from django.conf import settings
from django.urls import URLResolver, include, path

from atrium.payments.pages import sandbox

urlpatterns: list[URLResolver] = []

# In production there is no such address.
if settings.SANDBOX:
    _sandbox = [path("sandbox/checkout/<str:ref>", sandbox.checkout, name="checkout")]
    urlpatterns.append(path("", include((_sandbox, "sandbox"))))
