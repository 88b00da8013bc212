from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.kit.secrets import seal, unseal


class SignInProviderQuerySet(models.QuerySet["SignInProvider"]):
    def offered(self) -> Self:
        """Those whose button is shown: with keys, and not switched off."""
        return self.filter(is_enabled=True).exclude(client_id="").order_by("order", "name")


class SignInProvider(models.Model):
    """Who may vouch for people here, and the keys by which they know us."""

    class Kind(models.TextChoices):
        GOOGLE = "google", "Google"
        FACEBOOK = "facebook", "Facebook"
        GITHUB = "github", "GitHub"
        OPENID_CONNECT = "openid_connect", "OpenID Connect"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    # In the callback's address and beside every account that it vouches for: never changed.
    slug = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*\Z", _("Small letters, digits and -."))],
    )
    name = models.CharField(max_length=40)
    client_id = models.CharField(max_length=190, blank=True)
    sealed_secret = models.TextField(blank=True)
    server_url = models.URLField(max_length=300, blank=True)
    is_enabled = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=100)
    made_at = models.DateTimeField()

    objects = SignInProviderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="openid_connect") | Q(slug=models.F("kind")),
                name="people_one_provider_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind="openid_connect") | ~Q(server_url=""),
                name="people_open_id_has_an_address",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def secret_purpose(self) -> str:
        """What the secret is sealed for: moved to another provider it does not open."""
        return f"people.sign_in_provider:{self.pk}"

    @property
    def secret(self) -> str:
        return unseal(self.sealed_secret, self.secret_purpose) if self.sealed_secret else ""

    @secret.setter
    def secret(self, text: str) -> None:
        self.sealed_secret = seal(text, self.secret_purpose) if text else ""

    @property
    def login_path(self) -> str:
        """Where a person who chose it is sent from."""
        return self.callback_path.removesuffix("callback/")

    @property
    def callback_path(self) -> str:
        """Where the provider sends people back to; what the operator enters there."""
        inside = f"oidc/{self.slug}" if self.kind == self.Kind.OPENID_CONNECT else self.slug
        return f"/accounts/{inside}/login/callback/"
