"""Who may vouch for people at the sign-in, as the operator sets it up."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Unprocessable
from atrium.people.models import SignInProvider

_CHANGEABLE = ("name", "client_id", "server_url", "is_enabled", "order")


class NotAProvider(Unprocessable):
    """What a provider cannot be; ``fields`` says which."""

    code = "not_a_provider"


def add_sign_in_provider(
    *, kind: str, slug: str = "", secret: str = "", by: str, at: datetime, **told: Any
) -> SignInProvider:
    """Set up who may vouch for people; one of the known kinds is called like its kind.

    :raises NotAProvider: with the field and the reason
    """
    is_open_id = kind == SignInProvider.Kind.OPENID_CONNECT
    provider = SignInProvider(kind=kind, slug=slug if is_open_id else kind, made_at=at)
    _fill(provider, secret, told)
    with transaction.atomic():
        try:
            with transaction.atomic():
                provider.save(force_insert=True)
        except IntegrityError:
            reason = _("There is one of this name already.")
            raise NotAProvider(reason, fields={"slug": reason}) from None
        _note("sign_in_provider.added", provider, by, at)
    return provider


def change_sign_in_provider(
    *, provider: SignInProvider, secret: str = "", by: str, at: datetime, **told: Any
) -> SignInProvider:
    """Change all but its kind and its name in addresses; an empty secret keeps the one there is.

    :raises NotAProvider: with the field and the reason
    """
    _fill(provider, secret, told)
    with transaction.atomic():
        provider.save()
        _note("sign_in_provider.changed", provider, by, at)
    return provider


def _fill(provider: SignInProvider, secret: str, told: dict[str, Any]) -> None:
    if unknown := set(told) - set(_CHANGEABLE):
        raise TypeError(f"A provider has no {', '.join(sorted(unknown))}.")
    for name, value in told.items():
        setattr(provider, name, value)
    if secret:
        provider.secret = secret
    try:
        provider.clean_fields(exclude=["sealed_secret"])
    except ValidationError as wrong:
        fields = {name: " ".join(said) for name, said in wrong.message_dict.items()}
        raise NotAProvider(" ".join(fields.values()), fields=fields) from None
    if provider.kind == SignInProvider.Kind.OPENID_CONNECT and not provider.server_url:
        reason = _("OpenID Connect needs an address.")
        raise NotAProvider(reason, fields={"server_url": reason})


def _note(action: str, provider: SignInProvider, by: str, at: datetime) -> None:
    detail = {"slug": provider.slug, "is_enabled": provider.is_enabled}
    note(action, by=by, about=("sign_in_provider", provider.pk), detail=detail, at=at)
