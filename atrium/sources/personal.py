"""What is kept of somebody as sources for answers."""

from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from atrium.people.belongings import Belonging, Part, Whose, delete_some, register
from atrium.sources.models import Collection, Document, Passage


def _passages(whose: Whose) -> "QuerySet[Passage]":
    return Passage.objects.filter(whose.owns("document"))


def _erase_passages(whose: Whose, *, at: datetime) -> int:
    """Delete passages, and with the last of them their words in SQLite's index.

    It keeps the words of deleted rows in its own tables until it is merged as a whole.
    """
    erased = delete_some(_passages(whose))
    if erased and connection.vendor == "sqlite" and not _passages(whose).exists():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO sources_passage_words (sources_passage_words) VALUES ('optimize')"
            )
    return erased


register(
    Part(
        key="sources",
        title=_("Sources"),
        order=200,
        belongings=(
            Belonging(
                table=Passage,
                title=_("Passages read out of files"),
                of=_passages,
                told=("document_id", "number", "text", "page", "first_line", "heading"),
                erase=_erase_passages,
            ),
            Belonging(
                table=Document,
                title=_("Documents"),
                of=lambda whose: Document.objects.filter(whose.owns()),
                told=(
                    *("id", "title", "collection_id", "file_id", "state", "failure"),
                    *("characters", "made_at", "read_at"),
                ),
            ),
            Belonging(
                table=Collection,
                title=_("Collections"),
                of=lambda whose: Collection.objects.filter(whose.owns()),
                told=("id", "title", "made_at"),
            ),
        ),
    )
)
