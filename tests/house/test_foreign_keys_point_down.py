"""A floor knows nothing of those above it, and so no foreign key of it points there."""

import re
import tomllib
from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from atrium.environment import CHECKOUT
from atrium.people.models import User

pytestmark = pytest.mark.once


def floors() -> dict[str, int]:
    """Return how high each app lies, from the contract that import-linter holds."""
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("exhaustive"))
    return {
        name: height
        for height, layer in enumerate(reversed(layers))
        for name in re.findall(r"\w+", layer)
    }


def that_point_up(tables: Iterable[type[models.Model]], heights: dict[str, int]) -> list[str]:
    found = []
    for model in tables:
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey | models.ManyToManyField):
                continue
            assert isinstance(field.related_model, type)
            here, there = model._meta.app_label, field.related_model._meta.app_label
            if here in heights and there in heights and heights[there] > heights[here]:
                found.append(f"{model._meta.label}.{field.name} points up to {there}")
    return found


def test_no_foreign_key_points_up() -> None:
    assert that_point_up(apps.get_models(include_auto_created=True), floors()) == []


def test_every_app_with_tables_lies_on_a_floor() -> None:
    ours = {m._meta.app_label for m in apps.get_models() if m.__module__.startswith("atrium.")}
    assert ours <= set(floors())


def test_a_planted_foreign_key_upwards_is_found() -> None:
    with isolate_apps("atrium.jobs"):

        class Errand(models.Model):  # noqa: DJ008
            person = models.ForeignKey(User, models.CASCADE)

            class Meta:
                app_label = "jobs"

    assert that_point_up([Errand], floors()) == ["jobs.Errand.person points up to people"]
