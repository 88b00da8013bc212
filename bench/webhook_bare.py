"""A bare Django view that inserts one row: no signature, no middleware, nothing looked at.

``python -m bench.webhook_bare PORT`` serves ``/webhooks/bench``.
"""

import os
import sys
from uuid import uuid4

import django
import uvicorn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402

from atrium.payments.models import WebhookEvent  # noqa: E402

settings.MIDDLEWARE = []
settings.ROOT_URLCONF = "bench.webhook_bare"


def keep(request: HttpRequest) -> HttpResponse:
    WebhookEvent.objects.create(
        gateway="bare",
        event_key=str(uuid4()),
        is_signed=False,
        payload=request.body.decode(),
        state=WebhookEvent.State.IGNORED,
        received_at=timezone.now(),
    )
    return HttpResponse("ok", headers={"Content-Length": "2"})


urlpatterns = [path("webhooks/bench", keep)]

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
