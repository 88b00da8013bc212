"""allauth's views at addresses of ours, by the names under which allauth looks them up.

Their templates are ours: ``templates/account``, ``templates/mfa``, ``templates/socialaccount``.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.facebook import views as facebook
from allauth.socialaccount.providers.github import views as github
from allauth.socialaccount.providers.google import views as google
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, include, path

from atrium.people.adapters import open_id
from atrium.people.pages import door, mail, passkeys, providers, reset, second_factor, security
from atrium.people.recently import asks_as_we_do
from atrium.web.policy import Who, page

View = Callable[..., HttpResponse]


def flow(view: View, *, who: Who = "anyone") -> View:
    """Declare who may open a view that is allauth's."""

    @page("GET", "POST", who=who)
    @asks_as_we_do
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    return shown


def _members(address: str, view: View, name: str) -> URLPattern:
    """Return the address of a flow that is for who has signed in."""
    return path(address, flow(view, who="member"), name=name)


def _named(view: Any, back: Any, name: str) -> list[URLPattern]:
    """Return the two addresses of a known provider, as they are known to it."""
    return [
        path(f"accounts/{name}/login/", providers.leading_there(view), name=f"{name}_login"),
        path(
            f"accounts/{name}/login/callback/",
            providers.coming_back(back),
            name=f"{name}_callback",
        ),
    ]


urlpatterns = [
    path("sign-in", door.sign_in, name="account_login"),
    path("sign-up", door.sign_up, name="account_signup"),
    path("sign-out", door.sign_out, name="account_logout"),
    path("sign-in/closed", flow(account.account_inactive), name="account_inactive"),
    _members("sign-in/again", account.reauthenticate, "account_reauthenticate"),
    path("sign-up/confirm", mail.look_into_mail, name="account_email_verification_sent"),
    path("confirm/<str:key>", mail.confirm, name="account_confirm_email"),
    path("settings/mail", mail.addresses, name="account_email"),
    path("settings/password/change", security.to_password, name="account_change_password"),
    path("settings/password/set", security.to_password, name="account_set_password"),
    path("reset", reset.ask, name="account_reset_password"),
    path("reset/sent", reset.sent, name="account_reset_password_done"),
    # After the two that have a name of their own, and ``reset/code``.
    path("reset/<str:token>", reset.choose, name="reset_choose"),
    path("sign-in/second-factor", flow(second_factor.ask_for_code), name="mfa_authenticate"),
    path("sign-in/passkey", flow(passkeys.sign_in_by_passkey), name="mfa_login_webauthn"),
    _members("sign-in/again/second-factor", second_factor.ask_for_code_again, "mfa_reauthenticate"),
    _members("sign-in/again/passkey", passkeys.passkey_again, "mfa_reauthenticate_webauthn"),
    path("settings/second-factor", second_factor.second_factor, name="mfa_index"),
    _members("settings/second-factor/app", second_factor.set_up_app, "mfa_activate_totp"),
    _members("settings/second-factor/app/remove", second_factor.remove_app, "mfa_deactivate_totp"),
    _members("settings/recovery-codes", second_factor.show_codes, "mfa_view_recovery_codes"),
    _members(
        "settings/recovery-codes/new", second_factor.make_codes, "mfa_generate_recovery_codes"
    ),
    _members(
        "settings/recovery-codes/download",
        recovery_codes.download_recovery_codes,
        "mfa_download_recovery_codes",
    ),
    path("settings/passkeys", passkeys.passkeys, name="mfa_list_webauthn"),
    _members("settings/passkeys/add", passkeys.add_passkey, "mfa_add_webauthn"),
    _members("settings/passkeys/<int:passkey_id>/remove", passkeys.remove, "mfa_remove_webauthn"),
    _members(
        "settings/passkeys/<int:passkey_id>/rename", passkeys.rename_passkey, "mfa_edit_webauthn"
    ),
    path("settings/sign-ins", providers.connections, name="socialaccount_connections"),
    path("sign-in/cancelled", flow(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("sign-in/failed", flow(social.login_error), name="socialaccount_login_error"),
    path("sign-up/finish", providers.finish, name="socialaccount_signup"),
    *_named(google.oauth2_login, google.oauth2_callback, "google"),
    *_named(facebook.oauth2_login, facebook.oauth2_callback, "facebook"),
    *_named(github.oauth2_login, github.oauth2_callback, "github"),
    path(
        "accounts/oidc/<slug:provider_id>/login/",
        providers.leading_there(open_id.go),
        name="openid_connect_login",
    ),
    path(
        "accounts/oidc/<slug:provider_id>/login/callback/",
        providers.coming_back(open_id.back),
        name="openid_connect_callback",
    ),
    path("_allauth/", include("atrium.people.headless_second_factor")),
    path("_allauth/", include("atrium.people.app_flows")),
]
