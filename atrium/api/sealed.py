from atrium.api.idempotency import PURPOSE
from atrium.kit.sealed import SealedColumn, register

register(SealedColumn("api.IdempotentRequest", "sealed_answer", purpose=lambda _row: PURPOSE))
