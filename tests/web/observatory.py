"""What MDN's HTTP Observatory would give an answer: its modifiers, computed here."""

import re
from collections.abc import Mapping

BASE = 100
BONUS_FROM = 90  # extra points count only for who has lost little


def score(headers: Mapping[str, str], cookies: list[str], html: str) -> tuple[int, dict[str, int]]:
    """Return the score and each test's part of it, for an answer over https."""
    low = {name.lower(): value for name, value in headers.items()}
    parts = {
        "content-security-policy": _csp(low.get("content-security-policy", "")),
        "cookies": _cookies(cookies),
        "cross-origin-resource-sharing": -50
        if low.get("access-control-allow-origin") == "*"
        else 0,
        "cross-origin-resource-policy": _corp(low.get("cross-origin-resource-policy", "")),
        "referrer-policy": _referrer(low.get("referrer-policy", "")),
        "strict-transport-security": _hsts(low.get("strict-transport-security", "")),
        "subresource-integrity": _integrity(html),
        "x-content-type-options": 0 if low.get("x-content-type-options") == "nosniff" else -5,
        "x-frame-options": _frames(low),
    }
    lost = BASE + sum(part for part in parts.values() if part < 0)
    won = sum(part for part in parts.values() if part > 0)
    return max(0, lost + (won if lost >= BONUS_FROM else 0)), parts


def _csp(text: str) -> int:
    if not text:
        return -25
    policy = {}
    for directive in filter(None, map(str.strip, text.split(";"))):
        name, *sources = directive.split()
        policy[name] = sources
    script = policy.get("script-src", policy.get("default-src", ["*"]))
    style = policy.get("style-src", policy.get("default-src", ["*"]))
    if {"'unsafe-inline'", "*", "https:", "http:", "data:"} & set(script):
        return -20
    if "'unsafe-eval'" in script:
        return -10
    if "'unsafe-inline'" in style:
        return 0
    return 10 if policy.get("default-src") == ["'none'"] else 5


def _cookies(cookies: list[str]) -> int:
    if not cookies:
        return 0
    parts = 5
    for cookie in cookies:
        said = cookie.lower()
        if "secure" not in said:
            return -20
        if "httponly" not in said:
            parts = min(parts, -10 if "session" in said.partition("=")[0] else 0)
        if "samesite" not in said:
            parts = min(parts, 0)
    return parts


def _corp(text: str) -> int:
    return 10 if text in {"same-origin", "same-site"} else 0


def _referrer(text: str) -> int:
    private = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
    if not text:
        return 0
    return 5 if text in private else -5


def _hsts(text: str) -> int:
    found = re.search(r"max-age=(\d+)", text)
    if not found:
        return -20
    return 0 if int(found[1]) >= 15_768_000 else -10


def _integrity(html: str) -> int:
    scripts = re.findall(r"<script\b[^>]*\bsrc=[^>]*>", html)
    if not scripts:
        return 0
    return 5 if all("integrity=" in script for script in scripts) else 0


def _frames(headers: Mapping[str, str]) -> int:
    if "frame-ancestors" in headers.get("content-security-policy", ""):
        return 5
    return 0 if headers.get("x-frame-options", "").upper() in {"DENY", "SAMEORIGIN"} else -20
