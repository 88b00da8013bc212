"""Codes of coupons: random, easy to read out, and told from slips of the pen."""

import hashlib
import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U, which read as others
_GROUPS, _SIZE = 4, 4  # 32¹⁶ is 2⁸⁰
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BETWEEN = re.compile(r"[\s\-‐‑–—_.]+")
_SHAPE = re.compile(rf"[{ALPHABET}]{{{_GROUPS * _SIZE}}}")


def mint() -> str:
    """Return a new code such as ``7K3M-Q0ZT-93XA-HV2C``; keep only its :func:`digest`."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(_SIZE)) for _ in range(_GROUPS))
    return "-".join(groups)


def plain(typed: str) -> str:
    """Return a code as it was made, however it was typed; empty when it cannot be one."""
    found = _BETWEEN.sub("", typed[:100].upper()).translate(_ALIKE)
    return found if _SHAPE.fullmatch(found) else ""


def digest(typed: str) -> str:
    """Return what is stored instead of the code."""
    return hashlib.sha256(f"coupon:{plain(typed)}".encode()).hexdigest()


def prefix(code: str) -> str:
    """Return the first characters, by which staff know a code in a list."""
    return code[:_SIZE]
