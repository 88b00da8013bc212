"""OpenID Connect as we take it: each identity token is checked, by its signature and all it claims.

allauth trusts the line that a token came by. Ours may be plain HTTP inside a house, and a token
without its signature, its issuer, its audience and our nonce says nothing.
"""

import secrets
from typing import Any

from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse

from atrium.people import vouching

# No shared secrets among them: who knows the public key could else sign with it.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_LEEWAY_SECONDS = 60


class CheckedAdapter(OpenIDConnectOAuth2Adapter):
    """The conversation with one provider."""

    nonce: str | None = None  # of the visit that this answers; None where there was none

    @property
    def openid_config(self) -> dict[str, Any]:
        config = super().openid_config
        needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        if not isinstance(config, dict) or not all(
            isinstance(config.get(name), str) for name in needed
        ):
            raise vouching.NoAnswer("no OpenID configuration")
        return config

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any
    ) -> SocialLogin:
        """Take the identity from the token alone; the directory of people is not asked besides."""
        claims = self._decode_id_token(app, kwargs["response"].get("id_token"))
        if self.nonce is None or claims.get("nonce") != self.nonce:
            raise OAuth2Error("The identity token answers another visit.")
        if "email" not in claims and self.openid_config.get("userinfo_endpoint"):
            found = self._fetch_user_info(token.token)
            if not isinstance(found, dict) or found.get("sub") != claims["sub"]:
                raise OAuth2Error("The directory speaks of somebody else.")
            claims = {**found, **claims}
        return self.get_provider().sociallogin_from_response(request, _kept(claims))

    def _decode_id_token(self, app: SocialApp, id_token: Any) -> dict[str, Any]:
        if not isinstance(id_token, str):
            raise OAuth2Error("There is no identity token.")
        import jwt  # noqa: PLC0415 - not before somebody comes by such a provider

        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                self._key_of(id_token),
                algorithms=list(ALGORITHMS),
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=_LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError, KeyError) as wrong:
            raise OAuth2Error("The identity token is not good.") from wrong
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The identity token is for somebody else.")
        return claims

    def _key_of(self, id_token: str) -> Any:
        import jwt  # noqa: PLC0415

        named = jwt.get_unverified_header(id_token)
        with vouching.Conversation() as conversation:
            said = conversation.get(self.openid_config["jwks_uri"])
            said.raise_for_status()
        known = jwt.PyJWKSet.from_dict(said.json())
        fitting = [key for key in known.keys if named.get("kid") in {None, key.key_id}]
        if len(fitting) != 1 or named.get("alg") not in ALGORITHMS:
            raise OAuth2Error("The identity token is signed by nobody known.")
        return fitting[0].key


class CheckedProvider(OpenIDConnectProvider):
    """A provider whose answers are bound to the visit that asked for them."""

    oauth2_adapter_class = CheckedAdapter

    def serialize(self) -> dict[str, Any]:
        """Name it by our slug: of two providers both may know us by the same client id."""
        return {"id": self.app.provider_id}

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: Any = None,
        **kwargs: Any,
    ) -> HttpResponse:
        nonce = secrets.token_urlsafe(24)
        asked = {**(kwargs.pop("auth_params", None) or self.get_auth_params()), "nonce": nonce}
        answer: HttpResponse = super().redirect(
            request, process, next_url, data, auth_params=asked, nonce=nonce, **kwargs
        )
        return answer

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        found: list[Any] = super().extract_email_addresses(data)
        for address in found:
            address.verified = address.verified is True  # the word "true" is no yes
        return found

    def verify_token(self, request: HttpRequest, token: dict[str, Any]) -> SocialLogin:
        """Take an identity token that an app brings: it has no visit of ours to answer."""
        from allauth.socialaccount.adapter import get_adapter  # noqa: PLC0415 - it imports us

        adapter = self.get_oauth2_adapter(request)
        try:
            claims = adapter._decode_id_token(self.app, token.get("id_token"))  # noqa: SLF001
        except (OAuth2Error, vouching.NoAnswer) as wrong:
            raise get_adapter().validation_error("invalid_token") from wrong
        return self.sociallogin_from_response(request, _kept(claims))


class _Back(OAuth2CallbackView):
    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, answer = super()._get_state(request, provider)
        if state:
            self.adapter.nonce = state.get("nonce")
        return state, answer


def go(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send a person to the provider."""
    view = OAuth2LoginView.adapter_view(CheckedAdapter(request, provider_id))
    answer: HttpResponse = view(request)
    return answer


def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take a person back from the provider."""
    answer: HttpResponse = _Back.adapter_view(CheckedAdapter(request, provider_id))(request)
    return answer


def _kept(claims: dict[str, Any]) -> dict[str, Any]:
    """Return what is looked at later; the rest of a token is nobody's to keep."""
    names = ("sub", "email", "email_verified", "preferred_username", "name")
    return {name: claims[name] for name in names if isinstance(claims.get(name), str | bool)}
