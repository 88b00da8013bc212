from enum import StrEnum
from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.kit.secrets import seal, unseal

SLUG = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._:/@+-]*\Z", _("Letters, digits and ._:/@+- only."))
"""How programs name a model: as providers do."""


class Capability(StrEnum):
    """What a model may be able to do, by the name of its column."""

    ANSWERS = "answers"
    PICTURES_IN = "pictures_in"
    TOOLS = "tools"
    REASONS = "reasons"
    EMBEDS = "embeds"
    SPEAKS = "speaks"
    TRANSCRIBES = "transcribes"
    DRAWS = "draws"


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
    at_once = models.PositiveSmallIntegerField(
        default=64, help_text=_("Calls that run at the same time, in each web process.")
    )
    daily_calls = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Calls in a day (UTC) at most. Empty: without a limit.")
    )
    daily_micro = models.PositiveBigIntegerField(
        null=True, blank=True, help_text=_("Micro-credits in a day (UTC). Empty: without a limit.")
    )

    class Meta:
        ordering: ClassVar = ["order", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(at_once__gt=0), name="engines_provider_is_asked_one_at_a_time_at_least"
            ),
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

    def that_can(self, capability: Capability) -> Self:
        return self.filter(**{capability.value: True})

    def that_answer(self) -> Self:
        return self.that_can(Capability.ANSWERS)


class Model(models.Model):
    """Something that can be asked, by its slug.

    Prices are micro-credits: of tokens and characters by the million, of pictures and minutes each.
    Models of one ``alias`` stand in for each other, by their order.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="offers")
    slug = models.CharField(max_length=190, unique=True, validators=[SLUG])
    alias = models.CharField(
        max_length=190,
        blank=True,
        db_index=True,
        validators=[SLUG],
        help_text=_("A name that several models share; each stands in for the others."),
    )
    title = models.CharField(max_length=120)
    remote_name = models.CharField(max_length=190, blank=True)  # where it differs from the slug
    answers = models.BooleanField(default=True)
    quotes_only = models.BooleanField(
        default=False, help_text=_("Quotes the asker's own sources and writes nothing itself.")
    )
    pictures_in = models.BooleanField(default=False, help_text=_("Takes pictures with a question."))
    tools = models.BooleanField(default=True, help_text=_("Calls tools that the asker offers."))
    reasons = models.BooleanField(default=False, help_text=_("Thinks before it answers."))
    embeds = models.BooleanField(default=False, help_text=_("Turns texts into vectors."))
    speaks = models.BooleanField(default=False, help_text=_("Turns text into speech."))
    transcribes = models.BooleanField(default=False, help_text=_("Turns speech into text."))
    draws = models.BooleanField(default=False, help_text=_("Makes pictures."))
    context_tokens = models.PositiveIntegerField(default=8192)
    most_output_tokens = models.PositiveIntegerField(default=4096)
    input_price = models.PositiveBigIntegerField(default=0)
    output_price = models.PositiveBigIntegerField(default=0)
    image_price = models.PositiveBigIntegerField(default=0)
    minute_price = models.PositiveBigIntegerField(default=0)
    price_version = models.PositiveIntegerField(default=1)
    lowest_tier = models.PositiveIntegerField(
        default=0, help_text=_("Plans with a lower place among the plans may not ask it.")
    )
    enabled = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=100)

    objects = ModelQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["order", "slug"]

    def __str__(self) -> str:
        return self.title

    def can(self, capability: Capability) -> bool:
        return bool(getattr(self, capability.value))


class Cost(models.Model):
    """What a provider asks of the house for a model's tokens, from ``since`` on.

    Millionths of a dollar by the million tokens. It charges nobody: it stands beside what people
    paid.
    """

    model = models.ForeignKey(Model, models.CASCADE, related_name="costs")
    since = models.DateTimeField()
    read = models.PositiveBigIntegerField()
    written = models.PositiveBigIntegerField()

    class Meta:
        ordering: ClassVar = ["model", "since"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model", "since"], name="engines_one_cost_of_a_model_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.read} / {self.written} since {self.since}"


class Spent(models.Model):
    """What a provider that has a budget was used for in one day (UTC): done, or under way.

    ``guest_calls`` are those of ``calls`` that guests made.
    """

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="days")
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)
    guest_calls = models.PositiveIntegerField(default=0)
    micro = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "day"], name="engines_spent_has_one_row_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} on {self.day}: {self.calls}"
