"""Which bytes of the storage are files with chats that are being brought in."""

from collections.abc import Collection, Iterator

from atrium.chat.models import Import
from atrium.files.holders import Held, Holder, register


def _names(names: Collection[str]) -> set[str]:
    found = Import.objects.filter(storage_name__in=names)
    return set(found.values_list("storage_name", flat=True))


def _drafts(names: Collection[str]) -> set[str]:
    working = Import.objects.filter(draft_name__in=names, state=Import.State.WORKING)
    return set(working.values_list("draft_name", flat=True))


def _every() -> Iterator[Held]:
    working = Import.objects.exclude(storage_name="").order_by("pk")
    for one in working.iterator(chunk_size=200):
        yield Held(one.storage_name, one.size, one.sha256, f"import {one.pk}")


register(Holder(key="chat.imports", names=_names, drafts=_drafts, every=_every))
