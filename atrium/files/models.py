from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.people.caller import Caller
from atrium.people.models import Owned, OwnedQuerySet


class FileQuerySet(OwnedQuerySet):
    """Files of somebody; those purged are nobody's any more."""

    def visible_to(self, caller: Caller) -> Self:
        return self.of(caller).filter(purged_at=None)

    def kept(self) -> Self:
        """Files that are neither in the trash nor gone."""
        return self.filter(deleted_at=None, purged_at=None)

    def in_trash(self) -> Self:
        return self.filter(purged_at=None).exclude(deleted_at=None)

    def with_bytes(self) -> Self:
        """Files whose bytes must be on the disk."""
        return self.filter(purged_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-made_at", "-id")


class File(Owned):
    """Bytes that somebody gave us or that we made for somebody, kept as they came."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200, blank=True)  # for showing; never part of a path
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=100)  # the MIME type that the content has
    declared_kind = models.CharField(max_length=100, blank=True)
    storage_name = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = FileQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [
            *Owned.Meta.constraints,
            models.CheckConstraint(condition=Q(size__gte=0), name="files_size_is_not_negative"),
            models.UniqueConstraint(
                fields=["storage_name"],
                name="files_bytes_belong_to_one_row",
                condition=~Q(storage_name=""),
            ),
            models.CheckConstraint(
                condition=(Q(purged_at=None) & ~Q(storage_name=""))
                | Q(purged_at__isnull=False, storage_name=""),
                name="files_bytes_until_purged",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "-made_at", "-id"], name="files_of_a_person"),
            models.Index(fields=["guest", "-made_at", "-id"], name="files_of_a_guest"),
            models.Index(
                fields=["deleted_at"],
                name="files_in_the_trash",
                condition=Q(purged_at=None, deleted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.pk)

    @property
    def is_kept(self) -> bool:
        return self.deleted_at is None and self.purged_at is None

    @property
    def is_image(self) -> bool:
        return self.kind.startswith("image/")

    @property
    def has_thumbnail(self) -> bool:
        """Whether a small picture is there; prefetch ``pictures`` for a list."""
        return any(one.use == Picture.Use.THUMBNAIL for one in self.pictures.all())


class Picture(models.Model):
    """An image that we drew from a file: upright, and without what was hidden in it."""

    class Use(models.TextChoices):
        THUMBNAIL = "thumbnail", _("Thumbnail")
        WHOLE = "whole", _("Whole picture")
        ASKED = "asked", _("What engines are given")

    file = models.ForeignKey(File, models.CASCADE, related_name="pictures")
    use = models.CharField(max_length=9, choices=Use.choices)
    storage_name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=100)
    size = models.BigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "use"], name="files_one_picture_for_each_use"),
        ]

    def __str__(self) -> str:
        return f"{self.use} of {self.file_id}"


class UploadQuerySet(OwnedQuerySet):
    def under_way(self, *, at: datetime) -> Self:
        return self.filter(file=None, ended_at=None, expires_at__gt=at)

    def expired(self, *, at: datetime) -> Self:
        return self.filter(file=None, ended_at=None, expires_at__lte=at)


class Upload(Owned):
    """A file that arrives in pieces; ``received`` of its bytes are on the disk for certain."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    declared_kind = models.CharField(max_length=100, blank=True)
    metadata = models.TextField(blank=True)  # as the client sent it: tus asks for it back
    length = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    draft_name = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # given up, expired or refused
    file = models.OneToOneField(File, models.SET_NULL, null=True, blank=True, related_name="upload")

    objects = UploadQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [
            *Owned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(received__gte=0) & Q(received__lte=models.F("length")),
                name="files_upload_receives_no_more_than_its_length",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.received} of {self.length}"


class Usage(models.Model):
    """How much somebody keeps with us, reservations for uploads under way included."""

    owner = models.CharField(max_length=50, primary_key=True)  # ``person:…`` or ``guest:…``
    network = models.CharField(max_length=64, blank=True)  # of a guest: ``Guest.network``
    kept_bytes = models.BigIntegerField(default=0)
    day = models.DateField(null=True, blank=True)
    uploads_that_day = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kept_bytes__gte=0), name="files_usage_is_not_negative"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["network"], name="files_usage_of_a_network", condition=~Q(network="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner}: {self.kept_bytes} bytes"
