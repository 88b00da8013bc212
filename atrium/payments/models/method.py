from typing import ClassVar

from django.db import models

from atrium.kit.ids import new_id
from atrium.kit.secrets import seal, unseal
from atrium.people.models import Owned
from atrium.people.models.owned import OwnedQuerySet


class SavedMethod(Owned):
    """A way to pay that a gateway keeps for somebody, so that it can be charged again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    gateway = models.CharField(max_length=20)
    sealed_reference = models.TextField()
    label = models.CharField(max_length=80)  # "Visa …4242", what may be shown
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [*Owned.Meta.constraints]

    def __str__(self) -> str:
        return self.label

    @property
    def purpose(self) -> str:
        """What the reference is sealed for: moved to another row it does not open."""
        return f"payments.saved_method:{self.pk}"

    @property
    def reference(self) -> str:
        return unseal(self.sealed_reference, self.purpose)

    @reference.setter
    def reference(self, text: str) -> None:
        self.sealed_reference = seal(text, self.purpose)
