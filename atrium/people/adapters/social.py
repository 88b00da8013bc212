"""Signing in by a provider that vouches: whom we take its word for, and how far."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.people import access, actions, vouching
from atrium.people.adapters.open_id import CheckedProvider
from atrium.people.models import SignInProvider, User


class SocialAdapter(DefaultSocialAccountAdapter):
    """What our people are to allauth's flows through providers."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return what is offered, or one by its name: somebody's settings may still list it."""
        rows = SignInProvider.objects.offered()
        if provider:
            rows = SignInProvider.objects.filter(Q(kind=provider) | Q(slug=provider))
        if client_id:
            rows = rows.filter(client_id=client_id)
        return [_app(row) for row in rows]

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> Any:
        found = super().get_provider(request, provider, client_id)
        if isinstance(found, OpenIDConnectProvider):
            return CheckedProvider(request, app=found.app)
        return found

    def list_providers(self, request: HttpRequest) -> list[Any]:
        rows = SignInProvider.objects.offered()
        return [self.get_provider(request, row.slug) for row in rows]

    def get_requests_session(self) -> vouching.Conversation:
        return vouching.Conversation()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Forget the provider's token: it has told us who came, and is good for nothing else.

        :raises PermissionDenied: when the provider is no longer offered
        """
        sociallogin.token = None
        offered = SignInProvider.objects.offered()
        if not offered.filter(slug=sociallogin.account.provider).exists():
            raise PermissionDenied

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whoever is new chooses a name first."""
        return False

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """Return whose verified address the provider says it has verified too.

        Anything less takes nobody over: not an address that the person here never confirmed, and
        not a claim that is missing or is merely the word "true".
        """
        for claimed in sociallogin.email_addresses:
            claimed.verified = claimed.verified is True
        for claimed in sociallogin.email_addresses:
            theirs = EmailAddress.objects.filter(email__iexact=claimed.email, verified=True).first()
            if claimed.verified and theirs:
                return theirs.user, theirs.email
        return None

    def send_notification_mail(self, template_prefix: str, user: User, **more: Any) -> None:
        """Tell the person, and write it down; allauth says so wherever an account is connected."""
        if template_prefix.endswith("account_connected"):
            account = more["context"]["account"]
            actions.note_connected(person=user, account=account, at=clock.now())
        super().send_notification_mail(template_prefix, user, **more)

    def validate_disconnect(self, account: SocialAccount, accounts: Any) -> None:
        """:raises ValidationError: when it is the last way into the account"""
        if access.is_last_way_in(account.user, f"provider:{account.pk}"):
            raise self.validation_error("no_password")

    error_messages = {  # noqa: RUF012 - allauth's own form
        **DefaultSocialAccountAdapter.error_messages,
        "no_password": _("This is the last way into your account. Set a password first."),
    }


def _app(row: SignInProvider) -> SocialApp:
    found = SocialApp(
        provider=row.kind,
        provider_id=row.slug if row.kind == SignInProvider.Kind.OPENID_CONNECT else "",
        name=row.name,
        client_id=row.client_id,
        secret=row.secret,
    )
    found.settings = {"server_url": row.server_url, "oauth_pkce_enabled": True}
    return found
