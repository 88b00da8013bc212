from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id


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
    slug = models.SlugField(max_length=120, unique=True, allow_unicode=False)
    title = models.CharField(max_length=120)
    answers = models.BooleanField(default=True)
    quotes_only = models.BooleanField(
        default=False, help_text=_("Quotes the asker's own sources and writes nothing itself.")
    )
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
