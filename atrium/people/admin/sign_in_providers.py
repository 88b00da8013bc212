from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.people.actions.sign_in_providers import (
    add_sign_in_provider,
    change_sign_in_provider,
)
from atrium.people.models import SignInProvider
from atrium.web.console import button
from atrium.web.console_forms import MakingAdmin

_TOLD = ("name", "client_id", "server_url", "is_enabled", "order")


class ChangeForm(forms.Form):
    """What may be changed of a provider later."""

    name = forms.CharField(label=gettext_lazy("Name on the button"), max_length=40)
    client_id = forms.CharField(
        label=gettext_lazy("Client id"), max_length=190, required=False, strip=True
    )
    secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Kept sealed and never shown. Leave it empty to keep the one set."),
    )
    server_url = forms.URLField(
        label=gettext_lazy("Address (OpenID Connect only)"),
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("Where its .well-known/openid-configuration lies below."),
    )
    is_enabled = forms.BooleanField(label=gettext_lazy("Is offered"), required=False, initial=True)
    order = forms.IntegerField(
        label=gettext_lazy("Order"), min_value=0, max_value=1000, initial=100
    )


class NewForm(ChangeForm):
    """What is asked for a new one."""

    field_order = ("kind", "slug", "name", "client_id", "secret", "server_url")
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=SignInProvider.Kind.choices)
    slug = forms.CharField(
        label=gettext_lazy("Short name in addresses"),
        max_length=40,
        required=False,
        help_text=gettext_lazy(
            "For OpenID Connect; it cannot be changed later: accounts are known by it."
        ),
    )


@admin.register(SignInProvider)
class SignInProviderAdmin(MakingAdmin):
    """Who may vouch for people at the sign-in."""

    kind = "sign_in_provider"
    title = gettext_lazy("Sign-in providers")
    order = 130
    buttons = ("change",)
    make_form = NewForm
    make_label = gettext_lazy("Add a provider")
    list_display = ("name", "kind", "slug", "offered", "callback")
    fields = ("callback", "kind", "slug", "name", "client_id", "server_url", "offered", "order")
    empty_says = gettext_lazy(
        "People sign in with a name and a password. Add Google, GitHub, Facebook or your own."
    )

    def make(self, request: HttpRequest, told: dict[str, Any]) -> str:
        add_sign_in_provider(**told, by=_by(request), at=clock.now())
        return _("Enter the address that the list shows at the provider.")

    @button(
        gettext_lazy("Change"),
        form=ChangeForm,
        again=True,
        initial=lambda provider: {name: getattr(provider, name) for name in _TOLD},
    )
    def change(self, request: HttpRequest, provider: SignInProvider, told: dict[str, Any]) -> str:
        change_sign_in_provider(provider=provider, **told, by=_by(request), at=clock.now())
        return _("Saved.")

    @admin.display(description=gettext_lazy("is offered"))
    def offered(self, provider: SignInProvider) -> str:
        return _("Yes") if provider.is_enabled and provider.client_id else _("No")

    @admin.display(description=gettext_lazy("address to enter there"))
    def callback(self, provider: SignInProvider) -> str:
        return f"{settings.PUBLIC_ADDRESS}{provider.callback_path}"


def _by(request: HttpRequest) -> str:
    by: str = request.caller.audience  # type: ignore[attr-defined]
    return by
