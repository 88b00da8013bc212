"""Every table that could name somebody is in somebody's part, or said to be nobody's, with why."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from atrium.people.belongings import (
    Table,
    could_name_somebody,
    every_exception,
    every_part,
    unregistered,
)
from atrium.people.models import User

pytestmark = pytest.mark.once


def tables() -> Iterator[Table]:
    for table in apps.get_models(include_auto_created=True):
        if not table._meta.proxy and not table.__module__.startswith("tests."):
            yield table


def test_every_table_is_in_a_part_or_is_nobodys() -> None:
    assert unregistered(tables()) == [], "say in <app>/personal.py what becomes of its rows"


def test_what_is_said_to_be_nobodys_exists_and_is_in_no_part() -> None:
    labels = {table._meta.label for table in tables()}
    taken = {one.table._meta.label for part in every_part() for one in part.belongings}

    exceptions = {one.label for one in every_exception()}

    assert exceptions <= labels
    assert exceptions & taken == set()


def test_a_table_stands_in_one_part_only() -> None:
    named = [one.table._meta.label for part in every_part() for one in part.belongings]

    assert sorted(set(named)) == sorted(named)


def test_nothing_in_an_exception_has_a_key_to_a_person() -> None:
    by_label = {table._meta.label: table for table in tables()}

    for one in every_exception():
        keys = [field.related_model for field in by_label[one.label]._meta.concrete_fields]
        assert User not in keys, one.label


SECRETS = ("hash", "digest", "password", "secret", "token", "sealed", "payload", "key_hash")
NOT_SECRET = {
    "chat.Chat.most_tokens",
    "chat.Preset.most_tokens",
    "events.StreamEvent.payload",
    "metering.Receipt.tokens_in",
    "metering.Receipt.tokens_out",
    "metering.UsageLog.tokens",
}


def test_no_column_of_a_secret_is_told() -> None:
    told = {
        f"{one.table._meta.label}.{column}"
        for part in every_part()
        for one in part.belongings
        for column in one.told
        if any(word in column for word in SECRETS)
    }

    assert told - NOT_SECRET == set()


def test_what_is_told_exists() -> None:
    for part in every_part():
        for one in part.belongings:
            one.table._default_manager.values(*one.told)


@isolate_apps("tests")
@pytest.mark.parametrize(
    "column",
    [
        models.ForeignKey(User, models.CASCADE),
        models.CharField(max_length=60),
        models.TextField(),
        models.JSONField(),
        models.UUIDField(),
        models.BinaryField(),
    ],
    ids=lambda column: type(column).__name__,
)
def test_a_planted_table_is_found(column: models.Field) -> None:  # type: ignore[type-arg]
    planted = type(
        "Planted", (models.Model,), {"__module__": __name__, "whose": column, "Meta": _Meta()}
    )

    assert could_name_somebody(planted)
    assert unregistered([planted]) == ["tests.Planted"]


def _Meta() -> type:  # noqa: N802
    return type("Meta", (), {"app_label": "tests"})


@isolate_apps("tests")
def test_a_table_of_numbers_alone_is_not() -> None:
    class Counted(models.Model):
        count = models.IntegerField()

        class Meta:
            app_label = "tests"

        def __str__(self) -> str:
            return str(self.count)

    assert not could_name_somebody(Counted)
