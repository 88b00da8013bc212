from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from atrium.engines import finder
from atrium.engines.actions import (
    CannotConnect,
    Prices,
    change_provider,
    connect,
    disconnect,
    offer_models,
)
from atrium.engines.adapters.listing import models_now
from atrium.engines.console_forms import ConnectForm, ProviderForm, bounds_in, bounds_of
from atrium.engines.models import Provider
from atrium.engines.protocol import EngineTrouble
from atrium.kit import clock
from atrium.kit.errors import NotFound, Refusal
from atrium.web.console import button
from atrium.web.console_forms import MakingAdmin
from atrium.web.templatetags.ui import chip

_NAMES = "admin:engines_provider"
_ASKED = "engines_provider_asked"


@admin.register(Provider)
class ProviderAdmin(MakingAdmin):
    """Who is asked, with which key, and how much."""

    kind = "provider"
    title = gettext_lazy("Engines")
    order = 180
    buttons = ("change", "stop")
    make_form = ConnectForm
    make_label = gettext_lazy("Connect an engine")
    change_list_template = "engines/console_providers.html"
    change_form_template = "engines/console_provider.html"
    list_display = ("name", "kind", "url", "offered", "how_many", "order")
    fields = (
        "name",
        "kind",
        "url",
        "key_shown",
        "offered",
        "order",
        "at_once",
        "daily_calls",
        "daily_micro",
        "how_many",
    )
    empty_says = gettext_lazy("Nothing answers here yet.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        return Provider.objects.prefetch_related("offers").order_by("order", "name")

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        here = path("here/", guarded(self.here_view), name="engines_provider_here")
        asked = path("<uuid:engine_id>/asked/", guarded(self.asked_view), name=_ASKED)
        return [here, asked, *super().get_urls()]

    def make(self, request: HttpRequest, told: dict[str, Any]) -> str:
        prices = Prices(told.pop("input_price"), told.pop("output_price"))
        told["models"] = told["models"] or _models_of(told)
        provider = connect(**told, prices=prices, by=_by(request), at=clock.now())
        return _counted(provider.offers.count())

    @button(gettext_lazy("Change"), form=ProviderForm, again=True, initial=bounds_of)
    def change(self, request: HttpRequest, provider: Provider, told: dict[str, Any]) -> str:
        change_provider(provider=provider, **_changed(told), by=_by(request), at=clock.now())
        return _("Saved.")

    @button(
        gettext_lazy("Disconnect"),
        confirm=gettext_lazy("Its models are not offered any more, and its key is forgotten."),
        danger=True,
        when=lambda provider: provider.enabled and provider.kind != Provider.Kind.BUILT_IN,
    )
    def stop(self, request: HttpRequest, provider: Provider, told: dict[str, Any]) -> str:
        disconnect(provider=provider, by=_by(request), at=clock.now())
        return _("It is not asked any more.")

    # What it says it has

    def asked_view(self, request: HttpRequest, engine_id: Any) -> HttpResponse:
        """Ask the provider for its models, say how long that took, and offer those chosen."""
        provider = self._provider(request, engine_id)
        if chosen := request.POST.getlist("model"):
            try:
                new = offer_models(provider=provider, names=chosen, by=_by(request), at=clock.now())
                messages.success(request, _counted(len(new)))
            except Refusal as refused:
                messages.error(request, str(refused.detail))
            return HttpResponseRedirect(reverse(f"{_NAMES}_change", args=[provider.pk]))
        told = finder.ask(provider) if request.method == "POST" else None
        known = set(provider.offers.values_list("remote_name", flat=True))
        new_ones = [name for name in told.models if name not in known] if told else []
        more = {"original": provider, "told": told, "new_ones": new_ones}
        return self.shown(request, "engines/console_asked.html", **more)

    def here_view(self, request: HttpRequest) -> HttpResponse:
        """Look for servers on this machine, when somebody asks for it, and connect one chosen."""
        if not self.has_view_permission(request):
            raise NotFound(_("There is nothing here, or it is not yours to see."))
        if request.method == "POST" and (name := request.POST.get("name")):
            return self._connect_here(request, name)
        found = finder.servers_here() if request.method == "POST" else None
        known = set(Provider.objects.filter(enabled=True).values_list("url", flat=True))
        more = {"found": found, "known": known, "ports": finder.PORTS.items()}
        return self.shown(request, "engines/console_here.html", **more)

    def _connect_here(self, request: HttpRequest, name: str) -> HttpResponse:
        here = {name: finder.PORTS[name]} if name in finder.PORTS else {}
        found = finder.servers_here(here)
        try:
            if not found:
                raise CannotConnect(_("The engine does not answer just now."))
            one = found[0]
            connect(
                name=one.name,
                kind=Provider.Kind.OPENAI,
                url=one.url,
                models=one.models,
                by=_by(request),
                at=clock.now(),
            )
            messages.success(request, _counted(len(one.models)))
        except Refusal as refused:
            messages.error(request, str(refused.detail))
        return HttpResponseRedirect(reverse(f"{_NAMES}_changelist"))

    def _provider(self, request: HttpRequest, engine_id: Any) -> Provider:
        provider = Provider.objects.filter(pk=engine_id).exclude(kind="built_in").first()
        if provider is None or not self.has_view_permission(request, provider):
            raise NotFound(_("There is nothing here, or it is not yours to see."))
        return provider

    # What a row shows

    @admin.display(description=gettext_lazy("is offered"))
    def offered(self, provider: Provider) -> SafeString:
        return chip(_("Yes"), "ok") if provider.enabled else chip(_("No"))

    @admin.display(description=gettext_lazy("key"))
    def key_shown(self, provider: Provider) -> str:
        return _("kept") if provider.sealed_key else _("none")

    @admin.display(description=gettext_lazy("models offered"))
    def how_many(self, provider: Provider) -> int:
        return sum(1 for model in provider.offers.all() if model.enabled)


def _models_of(told: dict[str, Any]) -> list[str]:
    try:
        return models_now(kind=told["kind"], url=told["url"], key=told["key"])
    except (EngineTrouble, Refusal) as trouble:
        raise CannotConnect(str(trouble)) from trouble


def _changed(told: dict[str, Any]) -> dict[str, Any]:
    kept = ("url", "key", "enabled", "order")
    return {**{name: told[name] for name in kept}, "bounds": bounds_in(told)}


def _counted(models: int) -> str:
    told = ngettext("%(models)d model is offered.", "%(models)d models are offered.", models)
    return told % {"models": models}


def _by(request: HttpRequest) -> str:
    by: str = request.caller.audience  # type: ignore[attr-defined]
    return by
