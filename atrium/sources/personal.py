"""What is kept of somebody as sources for answers."""

from django.utils.translation import gettext_lazy as _

from atrium.people.belongings import Belonging, Part, register
from atrium.sources.models import Collection, Document, Passage

register(
    Part(
        key="sources",
        title=_("Sources"),
        order=200,
        belongings=(
            Belonging(
                table=Passage,
                title=_("Passages read out of files"),
                of=lambda whose: Passage.objects.filter(whose.owns("document")),
                told=("document_id", "number", "text", "page", "first_line", "heading"),
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
