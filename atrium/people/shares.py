"""Tries that a process takes ahead from a bound, so that not each of them has to be written down.

Never more are let through than the bound allows, in all processes together. When it is nearly used
up, a process may refuse a little early, while another still has some of its share left. What must
be exact, such as tries to sign in, is counted by ``attempts`` itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from atrium.people.attempts import Bound, Count, count_all

PARTS = 50
"""Into how many shares a bound falls; one of fewer tries is counted one by one."""
MOST_KEPT = 20_000


@dataclass(slots=True)
class _Share:
    bound: Bound
    taken: int
    """How many tries had been taken, by everybody, when this share was."""
    left: int
    ends_at: datetime

    def count(self) -> Count:
        self.left -= 1
        return Count(self.taken - self.left, self.bound, self.ends_at)


_shares: dict[str, _Share] = {}
_lock = Lock()


def count_in_shares(buckets: Mapping[str, Bound], *, at: datetime) -> list[Count]:
    """Count one more try in each bucket, mostly without a word to the database."""
    counts, spent = [], {}
    with _lock:
        for bucket, bound in buckets.items():
            share = _shares.get(bucket)
            if share and share.left and share.bound == bound and at < share.ends_at:
                counts.append(share.count())
            else:
                spent[bucket] = bound
    if not spent:
        return counts
    sizes = {bucket: max(1, bound.limit // PARTS) for bucket, bound in spent.items()}
    for bucket, found in zip(sorted(spent), count_all(spent, each=sizes, at=at), strict=True):
        counts.append(_keep(bucket, found, sizes[bucket], at=at))
    return counts


def count_at_hand(bucket: str, bound: Bound, *, at: datetime) -> Count | None:
    """Count one more try, if that needs no word to the database; else count nothing."""
    with _lock:
        share = _shares.get(bucket)
        if share and share.left and share.bound == bound and at < share.ends_at:
            return share.count()
    return None


def forget_shares() -> None:
    """Forget what was taken ahead; a test's database forgets it too."""
    _shares.clear()


def _keep(bucket: str, found: Count, size: int, *, at: datetime) -> Count:
    limit = found.bound.limit
    granted = min(size, limit - (found.used - size))
    if granted <= 0:
        return Count(limit + 1, found.bound, found.window_ends_at)
    share = _Share(found.bound, min(found.used, limit), granted, found.window_ends_at)
    with _lock:
        other = _shares.get(bucket)
        if other and other.ends_at == share.ends_at:
            share.left += other.left  # another thread took one in the same moment
        if len(_shares) >= MOST_KEPT:
            for ended in [name for name, one in _shares.items() if one.ends_at <= at]:
                del _shares[ended]
        if len(_shares) < MOST_KEPT:
            _shares[bucket] = share
        return share.count()
