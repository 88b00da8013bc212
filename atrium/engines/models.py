from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.kit.secrets import seal, unseal

SLUG = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._:/@+-]*\Z", _("Letters, digits and ._:/@+- only."))
"""How programs name a model: as providers do."""


class Provider(models.Model):
    """Where models answer: built in, or a server that the operator connected."""

    class Kind(models.TextChoices):
        BUILT_IN = "built_in", _("Built in")
        OPENAI = "openai", _("OpenAI-compatible")
        ANTHROPIC = "anthropic", _("Anthropic")
        GEMINI = "gemini", _("Gemini")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    url = models.URLField(blank=True, max_length=500)
    sealed_key = models.TextField(blank=True)
    enabled = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering: ClassVar = ["order", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="built_in", url="") | (~Q(kind="built_in") & ~Q(url="")),
                name="engines_outside_provider_has_url",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        return unseal(self.sealed_key, self.key_purpose) if self.sealed_key else ""

    @key.setter
    def key(self, text: str) -> None:
        self.sealed_key = seal(text, self.key_purpose) if text else ""

    @property
    def key_purpose(self) -> str:
        """What ``sealed_key`` is sealed for: a key moved to another provider does not open."""
        return f"engine:{self.pk}"


class ModelQuerySet(models.QuerySet["Model"]):
    def offered(self) -> Self:
        """Models that may be asked now, best first."""
        return self.filter(enabled=True, provider__enabled=True).select_related("provider")

    def that_answer(self) -> Self:
        return self.filter(answers=True)


class Model(models.Model):
    """Something that can be asked, by its slug. Prices are micro-credits per million tokens."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="offers")
    slug = models.CharField(max_length=190, unique=True, validators=[SLUG])
    title = models.CharField(max_length=120)
    remote_name = models.CharField(max_length=190, blank=True)  # where it differs from the slug
    answers = models.BooleanField(default=True)
    quotes_only = models.BooleanField(
        default=False, help_text=_("Quotes the asker's own sources and writes nothing itself.")
    )
    sees = models.BooleanField(default=False, help_text=_("Takes pictures with a question."))
    context_tokens = models.PositiveIntegerField(default=8192)
    most_output_tokens = models.PositiveIntegerField(default=4096)
    input_price = models.PositiveBigIntegerField(default=0)
    output_price = models.PositiveBigIntegerField(default=0)
    price_version = models.PositiveIntegerField(default=1)
    enabled = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=100)

    objects = ModelQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["order", "slug"]

    def __str__(self) -> str:
        return self.title
