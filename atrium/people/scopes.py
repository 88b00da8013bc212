"""What a key may be allowed to do in its person's name."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

READ = "read"
WRITE = "write"
ACCOUNT = "account"
MODELS = "models"

SCOPES: dict[str, str | Promise] = {
    READ: _("See what I see"),
    WRITE: _("Make, change and delete things"),
    ACCOUNT: _("Change my account, and make and revoke keys"),
    MODELS: _("Ask models through the compatible interface"),
}

View = TypeVar("View", bound=Callable[..., Any])


def scope(name: str) -> Callable[[View], View]:
    """Say which scope a key needs for an operation; else it is ``read`` or ``write`` by method.

    Stands below ninja's own decorator and above ``policy``.
    """
    assert name in SCOPES, name

    def declare(view: View) -> View:
        view.scope = name  # type: ignore[attr-defined]
        return view

    return declare
