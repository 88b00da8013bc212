from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id


class TermsVersionQuerySet(models.QuerySet["TermsVersion"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def newest_first(self) -> Self:
        return self.order_by("kind", "-number")


class TermsVersion(models.Model):
    """A text that people agree to, as it stood under one number; published, it stays as it is."""

    class Kind(models.TextChoices):
        TERMS = "terms", _("Terms of use")
        PRIVACY = "privacy", _("Privacy notice")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    number = models.PositiveIntegerField()
    text = models.TextField()
    needs_acceptance = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=80, blank=True)  # an audience, as the audit list has

    objects = TermsVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("terms")
        verbose_name_plural = _("terms")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "number"], name="people_terms_number_once"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(published_at=None),
                name="people_one_draft_of_a_kind_of_terms",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None, published_by="")
                | (Q(published_at__isnull=False) & ~Q(published_by="")),
                name="people_terms_publication_has_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class TermsAcceptance(models.Model):
    """That somebody agreed to one version: the database lets nobody change or remove it.

    ``by`` names the person softly, so that the evidence outlives the account under a number.
    """

    by = models.CharField(max_length=80)  # person:<id>
    version = models.ForeignKey(TermsVersion, models.PROTECT, related_name="acceptances")
    at = models.DateTimeField()
    region = models.CharField(max_length=50, blank=True)  # a network, not an address

    class Meta:
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["by", "version"], name="people_a_version_is_accepted_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.version_id}"
