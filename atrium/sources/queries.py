from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from atrium.jobs.models import Job
from atrium.kit.limits import LIMITS
from atrium.kit.words import stems
from atrium.people.caller import Caller
from atrium.sources.models import Document, Passage

MOST_AROUND = 20
_SQLITE = """
SELECT passage.id FROM sources_passage_words
JOIN sources_passage AS passage ON passage.id = sources_passage_words.rowid
WHERE sources_passage_words MATCH %s AND passage.document_id IN ({documents})
ORDER BY bm25(sources_passage_words) LIMIT %s
"""
_POSTGRES = """
SELECT passage.id FROM sources_passage AS passage
WHERE passage.words @@ to_tsquery('simple', %s) AND passage.document_id IN ({documents})
ORDER BY ts_rank_cd(passage.words, to_tsquery('simple', %s), 1) DESC, passage.id LIMIT %s
"""


def passages_about(
    asked: str, *, caller: Caller | None, documents: Iterable[UUID], limit: int = 12
) -> list[Passage]:
    """Return passages of those documents that share words with the question, best first.

    Documents that the caller may not see are left out before anything is ranked; where several
    bring theirs, the room has seen to that itself, and names none.
    """
    named = Document.objects.visible_to(caller) if caller else Document.objects.all()
    ready = named.filter(pk__in=list(documents)).ready()
    visible = list(ready.values_list("pk", flat=True))
    words = list(dict.fromkeys(stems(asked)))[: LIMITS.question_words]
    if not visible or not words:
        return []
    found = _ranked(words, visible, limit)
    passages = Passage.objects.select_related("document").in_bulk(found)
    return [passages[number] for number in found]


def around(passage: Passage) -> tuple[list[Passage], list[Passage]]:
    """Return what stands before a passage and after it: on its page, or else its neighbours."""
    beside = passage.document.passages.order_by("number")
    if passage.page is not None:
        beside = beside.filter(page=passage.page)
    else:
        beside = beside.filter(number__in=[passage.number - 1, passage.number + 1])
    before = beside.filter(number__lt=passage.number).order_by("-number")[:MOST_AROUND]
    after = beside.filter(number__gt=passage.number)[:MOST_AROUND]
    return list(before)[::-1], list(after)


def how_far_read(documents: "QuerySet[Document]") -> "QuerySet[Document]":
    """Add to each document the ``pages_done`` of its ``pages``, while a job reads it."""
    reading = Job.objects.filter(
        about_kind="document", about_id=OuterRef("pk"), state=Job.State.RUNNING
    )
    return documents.annotate(
        pages_done=Subquery(reading.values("progress_done")[:1]),
        pages=Subquery(reading.values("progress_total")[:1]),
    )


def _ranked(words: list[str], documents: list[UUID], limit: int) -> list[int]:
    holes = ",".join(["%s"] * len(documents))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            asked = " | ".join(f"'{word}':*" for word in words)
            sql = _POSTGRES.format(documents=holes)
            cursor.execute(sql, [asked, *documents, asked, limit])
        else:
            asked = " OR ".join(f'"{word}"*' for word in words)
            keys = [document.hex for document in documents]
            cursor.execute(_SQLITE.format(documents=holes), [asked, *keys, limit])
        return [row[0] for row in cursor.fetchall()]
