"""Which bytes of the storage are copies of somebody's data: counted apart from what they keep."""

from collections.abc import Collection, Iterator

from atrium.files.holders import Held, Holder, register
from atrium.privacy.models import Export


def _names(names: Collection[str]) -> set[str]:
    found = Export.objects.filter(storage_name__in=names)
    return set(found.values_list("storage_name", flat=True))


def _drafts(names: Collection[str]) -> set[str]:
    making = Export.objects.filter(draft_name__in=names, state=Export.State.MAKING)
    return set(making.values_list("draft_name", flat=True))


def _every() -> Iterator[Held]:
    ready = Export.objects.filter(state=Export.State.READY).order_by("pk")
    for export in ready.iterator(chunk_size=200):
        yield Held(export.storage_name, export.size, export.sha256, f"export {export.pk}")


register(Holder(key="privacy", names=_names, drafts=_drafts, every=_every))
