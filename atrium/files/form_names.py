"""Forms whose files have names that are names: Django alone would quietly make them so."""

from typing import IO, Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from atrium.kit.text import BadName, clean_name


class BadFormName(BadName, SuspiciousOperation):
    """Refused by us, and known to Django as no fault of the house."""


class NamesAreNames(FileUploadHandler):
    """Stands first among the upload handlers, and reads the form with the others."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, Any],  # noqa: N803 (Django's name)
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, Any]] | None:
        """Parse with a parser that refuses what it would otherwise rename.

        :raises BadFormName: for a name that holds a path, a NUL, or marks that turn it round
        """
        if self.request is None or content_length == 0:
            return None
        others = [one for one in self.request.upload_handlers if one is not self]
        return _Parser(META, input_data, others, encoding).parse()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class _Parser(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str | None:
        parts = file_name.replace("\\", "/").split("/")
        if "\0" in file_name or ".." in parts:
            raise BadFormName(_("This file’s name holds marks that belong to a path."))
        if not file_name.strip():
            return None  # the empty field of a form
        try:
            clean_name(file_name)
        except BadName as refusal:
            raise BadFormName(refusal.detail, code=refusal.code) from None
        return super().sanitize_file_name(file_name)
