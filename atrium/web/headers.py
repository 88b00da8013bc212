"""The security headers, the same for whichever app answers."""

from django.conf import settings

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "media-src": "'self' blob:",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
    # One policy, made by static/web/trusted.js before htmx, which builds fragments from text.
    "trusted-types": "default",
}
WITHOUT_TRUSTED_TYPES = {"admin"}  # Django's admin brings jQuery, which knows nothing of them.
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(self), camera=(self), display-capture=(), geolocation=(), "
        "gyroscope=(), magnetometer=(), microphone=(self), midi=(), payment=(), usb=()"
    ),
}
HSTS = "max-age=63072000; includeSubDomains"


def content_security_policy(*, trusted_types: bool = True) -> str:
    """Return the policy's text."""
    kept = CSP.items() if trusted_types else [(k, v) for k, v in CSP.items() if "trusted" not in k]
    return "; ".join(f"{name} {value}" for name, value in kept)


_STRICT = content_security_policy()
FOR_ADMIN = content_security_policy(trusted_types=False)


def secure_headers() -> dict[str, str]:
    """Return what every answer carries; the apps beside Django add these themselves."""
    found = {**FIXED, "Content-Security-Policy": _STRICT}
    if settings.PRODUCTION and settings.PUBLIC_ADDRESS.startswith("https://"):
        found["Strict-Transport-Security"] = HSTS
    return found
