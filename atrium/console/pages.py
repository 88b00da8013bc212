from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from atrium.web.policy import page


@page("GET", who="anyone")
def front(request: HttpRequest) -> HttpResponse:
    """Lead ``/console`` to ``/console/``."""
    return HttpResponseRedirect(reverse("admin:index"))
