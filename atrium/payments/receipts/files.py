"""Where the PDFs of receipts lie: made by a job, and made again whenever their bytes are gone."""

from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

from atrium.files import storage
from atrium.files.holders import Held, Holder, register
from atrium.files.parcels import Parcel
from atrium.payments.models import PaymentReceipt

KIND = "application/pdf"


def make_pdf(*, receipt: PaymentReceipt, at: datetime) -> PaymentReceipt:
    """Write the PDF and keep it. Outside of any transaction; doing it again changes nothing."""
    from atrium.payments.receipts.pdf import pdf_of  # noqa: PLC0415 — fonts are read where needed

    with storage.Draft() as draft:
        draft.write(pdf_of(receipt))
        written = draft.flush()
        storage.keep(draft.path, receipt.storage_name)
    # Not if the name was taken from it meanwhile: then it lies under another name.
    same = PaymentReceipt.objects.filter(pk=receipt.pk, storage_name=receipt.storage_name)
    same.update(size=written.size, sha256=written.sha256, made_at=at)
    receipt.refresh_from_db()
    return receipt


def parcel_of(receipt: PaymentReceipt, *, at: datetime) -> Parcel:
    """Return the PDF, ready to be sent; who comes before the job has it made here."""
    if receipt.made_at is None or not _path_of(receipt).exists():
        receipt = make_pdf(receipt=receipt, at=at)
    return Parcel(
        path=_path_of(receipt),
        size=receipt.size,
        kind=KIND,
        name=f"{receipt.label}.pdf",
        etag=receipt.sha256[:32],
        made_at=receipt.made_at or at,
        is_inline=False,
    )


def _path_of(receipt: PaymentReceipt) -> Path:
    return storage.path_of(receipt.storage_name)


def _names(names: Collection[str]) -> set[str]:
    found = PaymentReceipt.objects.filter(storage_name__in=names)
    return set(found.values_list("storage_name", flat=True))


def _drafts(names: Collection[str]) -> set[str]:
    return set()  # written within a breath: what is older was left by a crash


def _every() -> Iterator[Held]:
    made = PaymentReceipt.objects.exclude(made_at=None).order_by("pk")
    for receipt in made.iterator(chunk_size=200):
        yield Held(
            receipt.storage_name, receipt.size, receipt.sha256, f"payment receipt {receipt.label}"
        )


register(Holder(key="payments", names=_names, drafts=_drafts, every=_every))
