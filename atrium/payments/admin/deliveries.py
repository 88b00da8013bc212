import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.payments.actions import inbox
from atrium.payments.models import WebhookEvent
from atrium.web.console import ConsoleAdmin, Tile, button, register_tiles
from atrium.web.templatetags.ui import ago, chip

_KINDS = {WebhookEvent.State.DONE: "ok", WebhookEvent.State.FAILED: "danger"}


@admin.register(WebhookEvent)
class WebhookEventAdmin(ConsoleAdmin):
    """What gateways told us, and what came of it."""

    title = gettext_lazy("Webhooks")
    order = 210
    areas = ("finance",)
    buttons = ("replay",)
    list_display = ("kind_shown", "gateway", "signature", "standing", "attempts", "error", "came")
    list_filter = ("gateway", "state", "is_signed")
    search_fields = ("event_key", "kind", "payment__id")
    ordering = ("-id",)
    fields = (
        *("id", "gateway", "event_key", "kind", "signature", "standing", "of", "attempts"),
        *("error", "next_at", "received_at", "ended_at", "payload_shown"),
    )
    empty_says = gettext_lazy("Each delivery of a gateway is kept here, with what came of it.")

    @admin.display(description=gettext_lazy("type"), ordering="kind")
    def kind_shown(self, event: WebhookEvent) -> str:
        return event.kind or "—"

    @admin.display(description=gettext_lazy("signature"), ordering="is_signed")
    def signature(self, event: WebhookEvent) -> SafeString:
        return chip(_("fits"), "ok") if event.is_signed else chip(_("does not fit"), "danger")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, event: WebhookEvent) -> SafeString:
        state = WebhookEvent.State(event.state)
        return chip(state.label, _KINDS.get(state, ""))

    @admin.display(description=gettext_lazy("payment"))
    def of(self, event: WebhookEvent) -> SafeString | str:
        if event.payment is None:
            return "—"
        url = reverse("admin:payments_payment_change", args=[event.payment.pk])
        return format_html('<a href="{}">{}</a>', url, event.payment.title)

    @admin.display(description=gettext_lazy("came"), ordering="received_at")
    def came(self, event: WebhookEvent) -> SafeString:
        return ago(event.received_at)

    @admin.display(description=gettext_lazy("payload, without what is private"))
    def payload_shown(self, event: WebhookEvent) -> SafeString | str:
        return format_html("<pre>{}</pre>", _indented(event.payload)) if event.payload else "—"

    @button(
        gettext_lazy("Replay"),
        confirm=gettext_lazy(
            "Its payment is asked about at the gateway once more. What was given is not given"
            " twice."
        ),
        again=True,
        when=lambda event: event.is_signed,
    )
    def replay(self, request: HttpRequest, event: WebhookEvent, told: dict[str, Any]) -> str:
        by = request.caller  # type: ignore[attr-defined]
        inbox.replay(event=event, by=by, at=clock.now())
        return _("It is followed once more, in the background.")


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text  # it was cut, or is no JSON


def tiles(request: HttpRequest) -> Iterable[Tile]:
    failed = WebhookEvent.objects.filter(
        state=WebhookEvent.State.FAILED, received_at__gte=clock.now() - timedelta(days=7)
    ).count()
    if failed:
        url = f"{reverse('admin:payments_webhookevent_changelist')}?state__exact=failed"
        note = _("in seven days; replay them when the reason is gone")
        yield Tile(_("Webhooks that failed"), failed, note, url, urgent=True)


register_tiles(tiles, areas=("finance",))
