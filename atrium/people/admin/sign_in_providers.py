from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.people.models import SignInProvider
from atrium.web.console import ConsoleAdmin

_FIXED = ("kind", "slug")


class SignInProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        max_length=500,
        required=False,
        strip=True,
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

    class Meta:
        model = SignInProvider
        fields = (*_FIXED, "name", "client_id", "server_url", "is_enabled", "order")
        labels = {  # noqa: RUF012 - Django's own form
            "kind": gettext_lazy("Kind"),
            "slug": gettext_lazy("Short name in addresses"),
            "name": gettext_lazy("Name on the button"),
            "client_id": gettext_lazy("Client id"),
            "is_enabled": gettext_lazy("Is offered"),
            "order": gettext_lazy("Order"),
        }
        help_texts = {  # noqa: RUF012
            "slug": gettext_lazy("It cannot be changed later: accounts are known by it."),
        }

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        kind = told.get("kind") or self.instance.kind
        is_open_id = kind == SignInProvider.Kind.OPENID_CONNECT
        if is_open_id and not told.get("server_url"):
            self.add_error("server_url", _("OpenID Connect needs an address."))
        if "slug" in self.fields and not is_open_id and told.get("slug") not in {None, kind}:
            self.add_error("slug", _("It must be “%(kind)s” here.") % {"kind": kind})
        return told


@admin.register(SignInProvider)
class SignInProviderAdmin(ConsoleAdmin):
    """Who may vouch for people at the sign-in."""

    form = SignInProviderForm
    kind = "sign_in_provider"
    title = gettext_lazy("Sign-in providers")
    order = 130
    list_display = ("name", "kind", "slug", "offered", "callback")
    empty_says = gettext_lazy(
        "People sign in with a name and a password. Add Google, GitHub, Facebook or your own."
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.caller.is_admin)  # type: ignore[attr-defined]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # accounts are known by it; it can be switched off

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = (*_FIXED, "name", "client_id", "secret", "server_url", "is_enabled", "order")
        return ("callback", *shown) if obj else shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("callback", *_FIXED) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            obj.made_at = clock.now()
        if form.cleaned_data["secret"]:
            obj.secret = form.cleaned_data["secret"]
        super().save_model(request, obj, form, change)

    @admin.display(description=gettext_lazy("is offered"))
    def offered(self, provider: SignInProvider) -> str:
        return _("Yes") if provider.is_enabled and provider.client_id else _("No")

    @admin.display(description=gettext_lazy("address to enter there"))
    def callback(self, provider: SignInProvider) -> str:
        return f"{settings.PUBLIC_ADDRESS}{provider.callback_path}"
