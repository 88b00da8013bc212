"""The same rows read by bare Django views, behind the same server: no middleware, nothing around.

``python -m bench.people_bare PORT`` serves ``/me``, ``/settings`` and ``/home``.
"""

import os
import sys
from pathlib import Path

import django
import uvicorn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from django import forms  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.template.backends.django import DjangoTemplates  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402

from atrium.chat.models import Chat  # noqa: E402
from atrium.ledger.models import Account  # noqa: E402
from atrium.notifications.models import Notification  # noqa: E402
from atrium.people.models import Session, User  # noqa: E402
from atrium.people.session_store import SessionStore, hash_of  # noqa: E402

settings.MIDDLEWARE = []
settings.ROOT_URLCONF = "bench.people_bare"
templates = DjangoTemplates(
    {"NAME": "bare", "DIRS": [Path(__file__).parent / "bare"], "APP_DIRS": False, "OPTIONS": {}}
)


def who(request: HttpRequest) -> User:
    """Read the session's row and the person's: what any signed-in view begins with."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    session = Session.objects.filter(key_hash=hash_of(key), expires_at__gt=timezone.now()).first()
    if session is None:
        raise Http404
    return User.objects.get(pk=SessionStore().decode(session.payload)["_auth_user_id"])


def sized(answer: HttpResponse) -> HttpResponse:
    """Say how long it is, or the server sends it in chunks."""
    answer["Content-Length"] = str(len(answer.content))
    return answer


def me(request: HttpRequest) -> HttpResponse:
    person = who(request)
    wallet = Account.objects.filter(
        holder=f"person:{person.pk}", asset="CREDIT", purpose="wallet"
    ).first()
    told = {
        "id": person.pk,
        "username": person.username,
        "email": person.email,
        "display_name": person.display_name,
        "bio": person.bio,
        "picture": person.portrait_url,
        "language": person.language,
        "theme": person.theme,
        "time_zone": person.time_zone,
        "role": person.role,
        "joined_at": person.joined_at,
        "plan": None,
        "credits": wallet.balance if wallet else 0,
        "window": None,
        "has_paid": False,
        "payment_date": None,
    }
    return sized(JsonResponse(told))


class Profile(forms.Form):
    display_name = forms.CharField(label="Shown name", required=False)
    bio = forms.CharField(label="About you", required=False, widget=forms.Textarea)
    language = forms.ChoiceField(label="Language", choices=settings.LANGUAGES)
    theme = forms.ChoiceField(label="Theme", choices=User.Theme.choices)
    time_zone = forms.CharField(label="Time zone", required=False)


def page(request: HttpRequest) -> HttpResponse:
    """What the settings read: the person, their latest chats, and how much is unread."""
    person = who(request)
    form = Profile(initial={name: getattr(person, name) for name in Profile.base_fields})
    unread = Notification.objects.filter(person=person, is_in_app=True, read_at=None).count()
    chats = list(Chat.objects.filter(person=person, deleted_at=None).order_by("-touched_at")[:5])
    shown = {"person": person, "form": form, "unread": unread, "chats": chats}
    return sized(HttpResponse(templates.get_template("page.html").render(shown, request)))


urlpatterns = [path("me", me), path("settings", page)]

if __name__ == "__main__":
    uvicorn.run(
        get_asgi_application(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
    )
