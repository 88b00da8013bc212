"""What a guest may spend comes along with a claim, in one entry, and goes back in one."""

from collections import defaultdict
from datetime import datetime

from django.utils.translation import gettext as _

from atrium.ledger.actions import CLAIM, Move, NotEnough, bring_wallets, claim_key, post
from atrium.ledger.actions.entries import pay_what_is_owed
from atrium.ledger.models import Account, Leg
from atrium.people.actions.claims import CannotUndo
from atrium.people.comes_along import accompany
from atrium.people.models import Claim


class Wallets:
    """Takes along what lies in the guest's wallets; what is set aside follows later."""

    def come(self, claim: Claim, *, at: datetime, late: bool) -> None:
        bring_wallets(claim, why="late" if late else "", at=at)

    def go_back(self, claim: Claim, *, at: datetime) -> None:
        """Give back exactly what came.

        :raises CannotUndo: when it was spent since
        """
        came: defaultdict[tuple[str, Account.Purpose, str], int] = defaultdict(int)
        about = {"entry__kind": CLAIM, "entry__about_kind": CLAIM, "entry__about_id": claim.pk}
        for leg in Leg.objects.filter(**about).select_related("account"):
            account = leg.account
            came[account.holder, Account.Purpose(account.purpose), account.asset] += leg.amount
        legs = [Move(holder, use, -amount, asset) for (holder, use, asset), amount in came.items()]
        if not legs:
            return
        try:
            entry = post(
                key=f"{claim_key(claim)}:undone",
                kind="claim_undone",
                legs=legs,
                about=(CLAIM, claim.pk),
                at=at,
            )
        except NotEnough:
            raise CannotUndo(
                _("This cannot be undone: of the credits that came along, some are spent."),
                way_on=_("With as many credits in your account again, you can undo it."),
            ) from None
        guest = f"guest:{claim.guest_id}"
        for asset in {leg.asset for leg in legs}:
            pay_what_is_owed(holder=guest, because=entry, asset=asset, at=at)


accompany(Wallets())
