"""The kinds of refusal the product knows. Every anticipated error is one of these."""

from datetime import datetime
from typing import Any, ClassVar


class Refusal(Exception):
    """Something asked for that we will not do, with a reason fit to show to who asked.

    ``detail`` is a whole sentence in the reader's language. Where a limit speaks, ``limit``,
    ``used``, ``retry_at`` and ``way_on`` say how much, how far, when again and what else helps;
    ``link`` is the path of ours that leads there. A kind that ``says_numbers`` has them in its
    sentence already, as people count; then only programs are told them apart.
    """

    status: ClassVar[int] = 400
    says_numbers: ClassVar[bool] = False
    code = "refused"

    def __init__(
        self,
        detail: str,
        *,
        code: str = "",
        limit: int | None = None,
        used: int | None = None,
        retry_at: datetime | None = None,
        way_on: str = "",
        link: str = "",
        fields: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.limit = limit
        self.used = used
        self.retry_at = retry_at
        self.way_on = way_on
        self.link = link
        self.fields = fields or {}

    def as_problem(self) -> dict[str, Any]:
        """Return the body of a problem JSON answer (RFC 9457), without empty members."""
        members = {
            "code": self.code,
            "status": self.status,
            "title": self.code.replace("_", " ").capitalize(),
            "detail": str(self.detail),
            "limit": self.limit,
            "used": self.used,
            "retry_at": self.retry_at.isoformat() if self.retry_at else None,
            "way_on": str(self.way_on) or None,
            "link": self.link or None,
            "fields": {name: str(said) for name, said in self.fields.items()} or None,
        }
        return {name: value for name, value in members.items() if value is not None}


class SignInNeeded(Refusal):
    status = 401
    code = "sign_in_needed"


class PaymentNeeded(Refusal):
    status = 402
    code = "payment_needed"


class NotAllowed(Refusal):
    status = 403
    code = "not_allowed"


class SettleFirst(NotAllowed):
    """Something stands before everything else; ``page`` is where a person settles it."""

    code = "settle_first"
    page: ClassVar[str] = "/"


class NotFound(Refusal):
    status = 404
    code = "not_found"


class Conflict(Refusal):
    status = 409
    code = "conflict"


class Gone(Refusal):
    status = 410
    code = "gone"


class TooLarge(Refusal):
    status = 413
    code = "too_large"


class UnsupportedKind(Refusal):
    status = 415
    code = "unsupported_kind"


class Unprocessable(Refusal):
    status = 422
    code = "unprocessable"


class TooMany(Refusal):
    status = 429
    code = "too_many"


class Unavailable(Refusal):
    status = 503
    code = "unavailable"
