"""Where a request comes from, for limits and for the log; never for who may do what."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the address of who asks, as far as the operator's own proxies can be believed."""
    return believed(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))


def believed(peer: str, forwarded: str, *, proxies: int | None = None) -> str:
    """Return the address that ``proxies`` trusted proxies vouch for, or ``peer`` without any.

    Each proxy appends whom it saw, so what stands further left was written by a stranger.
    """
    trusted = settings.ATRIUM.trusted_proxies if proxies is None else proxies
    entries = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
    if trusted and entries:
        return _clean(entries[-min(trusted, len(entries))]) or _clean(peer)
    return _clean(peer)


def neighbourhood(address: str) -> str:
    """Return what one subscriber holds: the address, or of the longer kind its /64."""
    if ":" not in address:
        return address
    whole = IPv6Address(address)
    if whole.ipv4_mapped:
        return str(whole.ipv4_mapped)
    return str(IPv6Address(int(whole) >> 64 << 64))


def region(address: str) -> str:
    """Return where an address lies about: what a household keeps while its own numbers change."""
    if not address:
        return ""
    nearby = neighbourhood(address)
    return str(ip_network(f"{nearby}/{48 if ':' in nearby else 24}", strict=False))


def _clean(text: str) -> str:
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return ""
