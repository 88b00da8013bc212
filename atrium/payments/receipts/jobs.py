from uuid import UUID

from atrium.jobs.registry import Priority, Run, job
from atrium.kit import clock
from atrium.payments.models import PaymentReceipt
from atrium.payments.receipts.files import make_pdf


@job("payments.make_receipt", priority=Priority.LATER, long=True, attempts=10, seconds=120)
def make_receipt(run: Run, *, receipt_id: UUID) -> None:
    """Write the PDF of a receipt; whoever wants it before has it made then."""
    receipt = PaymentReceipt.objects.filter(pk=receipt_id, made_at=None).first()
    if receipt:
        make_pdf(receipt=receipt, at=clock.now())
