from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.payments.actions.gateways import set_up_gateway
from atrium.payments.admin_forms import NewSetupForm, SetupForm, needed
from atrium.payments.gateways.registry import gateway_of, title_of
from atrium.payments.models import GatewayHealth, GatewaySetting
from atrium.web.console import button
from atrium.web.console_forms import MakingAdmin
from atrium.web.templatetags.ui import ago, chip


@admin.register(GatewaySetting)
class GatewaySettingAdmin(MakingAdmin):
    """Which gateways people can pay by, and with which keys."""

    kind = "gateway"
    title = gettext_lazy("Gateways")
    order = 215
    buttons = ("change",)
    make_form = NewSetupForm
    make_label = gettext_lazy("Set up a gateway")
    list_display = ("named_here", "offered", "takes", "keys_shown", "answers", "hook")
    fields = ("slug", "offered", "takes", "order", "keys_shown", "answers", "hook", "changed_at")
    empty_says = gettext_lazy("People can pay as soon as a gateway is set up with its keys.")

    def make(self, request: HttpRequest, told: dict[str, Any]) -> str:
        set_up_gateway(**told, by=_by(request), at=clock.now())
        return _("Enter the address that the list shows at the gateway.")

    @button(
        gettext_lazy("Change"),
        form=SetupForm,
        again=True,
        initial=lambda row: {
            "is_enabled": row.is_enabled,
            "currencies": row.currencies,
            "order": row.order,
        },
    )
    def change(self, request: HttpRequest, row: GatewaySetting, told: dict[str, Any]) -> str:
        set_up_gateway(slug=row.slug, **told, by=_by(request), at=clock.now())
        return _("Saved.")

    @admin.display(description=gettext_lazy("gateway"), ordering="slug")
    def named_here(self, row: GatewaySetting) -> str:
        return title_of(row.slug)

    @admin.display(description=gettext_lazy("is offered"))
    def offered(self, row: GatewaySetting) -> SafeString:
        if not row.is_enabled:
            return chip(_("No"))
        if gateway_of(row.slug) is None:
            return chip(_("Keys are missing"), "danger")
        return chip(_("Yes"), "ok")

    @admin.display(description=gettext_lazy("currencies"))
    def takes(self, row: GatewaySetting) -> str:
        return row.currencies or _("all that it takes")

    @admin.display(description=gettext_lazy("keys"))
    def keys_shown(self, row: GatewaySetting) -> SafeString | str:
        have = set(row.keys)
        rows = (
            (name, label, _("kept") if name in have else _("missing"))
            for name, label in needed(row.slug)
        )
        return format_html_join("", "<p><code>{}</code> {}: {}</p>", rows) or _("It needs none.")

    @admin.display(description=gettext_lazy("answers"))
    def answers(self, row: GatewaySetting) -> SafeString:
        health = GatewayHealth.objects.filter(slug=row.slug).first()
        if health and health.failures and health.failed_at:
            return format_html("{} {}", chip(_("silent"), "danger"), ago(health.failed_at))
        return chip(_("Yes"), "ok")

    @admin.display(description=gettext_lazy("address to enter there"))
    def hook(self, row: GatewaySetting) -> str:
        return f"{settings.PUBLIC_ADDRESS}/webhooks/{row.slug}"


def _by(request: HttpRequest) -> str:
    by: str = request.caller.audience  # type: ignore[attr-defined]
    return by
