"""Every table whose rows belong to somebody, found by looking rather than by remembering."""

from django.apps import apps

from atrium.people.models import Owned


def owned_models() -> list[type[Owned]]:
    """Return every concrete ``Owned`` model, always in the same order."""
    found = [model for model in apps.get_models() if issubclass(model, Owned)]
    return sorted(found, key=lambda model: model._meta.label)  # noqa: SLF001
