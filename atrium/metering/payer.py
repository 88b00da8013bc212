"""Who pays for a call: whoever makes it, unless the room names somebody else."""

from dataclasses import dataclass

from atrium.people.caller import NOBODY, Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Somebody whose plan and credits pay for others' calls, or a pool: an account of the ledger.

    ``share`` names what others use of it together (``chat:<uuid>``), and ``most_tokens`` how many
    that may be. A pool has no plan, and pays with its credits alone. ``use_credits`` says for this
    call alone whether credits pay and not the window, where that is not left to the preference.
    """

    caller: Caller = NOBODY
    pool: str = ""
    use_credits: bool | None = None
    share: str = ""
    most_tokens: int | None = None

    def __post_init__(self) -> None:
        assert bool(self.pool) == self.caller.is_nobody, "either a pool or somebody pays"
        assert (self.most_tokens is None) == (not self.share), "a share has a name and a bound"

    @property
    def holder(self) -> str:
        return self.pool or self.caller.audience
