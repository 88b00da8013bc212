"""What an entry's hash is made of."""

import hashlib
import json
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from atrium.audit.models import AuditEntry


def canonical(detail: object) -> str:
    """Return ``detail`` as the one JSON text that stands for it; what JSON lacks becomes text."""
    said = _dumped(detail, ascii_only=False)
    try:
        said.encode()
    except UnicodeEncodeError:  # half a surrogate pair, from somebody's broken input
        return _dumped(detail, ascii_only=True)
    return said


def _dumped(value: Any, *, ascii_only: bool) -> str:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=ascii_only, default=str
    )


def hash_of(entry: AuditEntry) -> str:
    """Return the hash that ``entry`` must carry, over all it says and the hash before it."""
    said = [
        entry.number,
        entry.at.isoformat(timespec="microseconds"),
        entry.by,
        entry.action,
        entry.about_kind,
        entry.about_id,
        entry.address,
        entry.detail_json,
        entry.prev_hash,
    ]
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def coarse(address: str) -> str:
    """Return the neighbourhood of an internet address (/24 or /48), or nothing for no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))
