from django.http import HttpRequest, HttpResponse, JsonResponse

from atrium.api.openapi import document
from atrium.api.reading import chapters
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="anyone")
def openapi(request: HttpRequest) -> HttpResponse:
    """The description that programs read."""
    answer = JsonResponse(document(), json_dumps_params={"ensure_ascii": False})
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@page("GET", who="anyone")
def docs(request: HttpRequest) -> HttpResponse:
    """The same for people, with a form on each operation to try it."""
    return render_page(request, "api/docs.html", {"chapters": chapters(document())})
