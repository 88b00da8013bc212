"""Which rows are somebody's, found by following foreign keys; and what of them is free text."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from atrium.people.models import Guest, User
from tests import make

_NAMES = {"digest", "draft_name", "message_id", "password", "person_id_text", "sha256", "worker"}
_NAMES |= {"token_hash", "key_hash", "storage_name", "key", "upstream_key", "username", "email"}
_NAMES |= {"about_kind", "kind", "asset", "audience", "holder", "owner", "payer"}
_NAMES |= {"frozen_key", "opened_as", "taken_as"}
_NAMES |= {"currency", "gateway", "merchant", "gateway_ref", "transaction_ref", "reference"}
_NAMES |= {"event_key", "hints", "snapshot", "differing"}
MACHINES = _NAMES | {"language", "time_zone", "scopes", "staff_areas"}
"""Columns that hold no words of anybody's, but what the house itself works with."""
BY_NAME = {
    "owner": "audience",
    "audience": "audience",
    "payer": "audience",
    "person_id_text": "id",
}
"""Columns that name an owner without a foreign key, and what of the owner they hold."""

Table = type[models.Model]
Column: TypeAlias = "models.Field[Any, Any]"
_WORDS = (models.CharField, models.TextField, models.JSONField)


def ways_to_owners() -> dict[Table, list[str]]:
    """Return every table whose rows are somebody's, with the look-ups that lead to whom."""
    found: dict[Table, list[str]] = {User: ["pk"], Guest: ["pk"]}
    grew = True
    while grew:
        grew = False
        for table in apps.get_models():
            if table.__module__.startswith("atrium.") and table not in found:
                ways = list(_ways(table, found))
                if ways:
                    found[table], grew = ways, True
    return found


def _ways(table: Table, known: dict[Table, list[str]]) -> Iterator[str]:
    for field in table._meta.fields:
        if field.name in BY_NAME and field.get_internal_type() == "CharField":
            yield f"{field.name}~{BY_NAME[field.name]}"
        target = field.related_model
        if isinstance(field, models.ForeignKey) and target in known:
            assert isinstance(target, type)
            if target in {User, Guest}:
                yield f"{field.name}:{target.__name__}"
            else:
                yield from (f"{field.name}__{way}" for way in known[target])


def rows_of(owner: User | Guest, table: Table, ways: list[str]) -> "QuerySet[Any]":
    """Return the rows of ``table`` that are this owner's."""
    every: QuerySet[Any] = table._default_manager.all()
    if isinstance(owner, table):
        return every.filter(pk=owner.pk)
    if table in {User, Guest}:
        return every.none()
    wanted = Q(pk__in=[])
    for way in ways:
        wanted |= _condition(owner, way)
    return every.filter(pk__in=table._default_manager.filter(wanted).values("pk"))


def _condition(owner: User | Guest, way: str) -> Q:
    if "~" in way:
        lookup, _, holds = way.partition("~")
        return Q(**{lookup: make.caller(owner).audience if holds == "audience" else str(owner.pk)})
    lookup, _, kind = way.partition(":")
    return Q(**{lookup: owner.pk}) if kind == type(owner).__name__ else Q(pk__in=[])


_FORMS_OF_OURS = {
    "Session.payload",
    "PaymentReceipt.told",
    "UsageLog.action",
    "Citation.handbook",
}
"""What is read back by its form, or is of a list of ours; who is named in a receipt, its own tests
plant."""


def texts_of(table: Table) -> "Iterator[Column]":
    """Yield the columns in which a person's words may stand."""
    for field in table._meta.fields:
        is_free = isinstance(field, _WORDS) and not field.choices and not field.primary_key
        where = f"{table.__name__}.{field.name}"
        is_machine = where in _FORMS_OF_OURS or field.name in MACHINES
        if is_free and not field.unique and not is_machine:
            yield field


def fill(rows: "QuerySet[Any]", field: "Column", text: str) -> bool:
    """Put ``text`` where ``field`` holds words, in each of ``rows``; False when it is too long."""
    longest = getattr(field, "max_length", None)
    if longest and longest < len(text):
        return False
    if not isinstance(field, models.JSONField):
        rows.update(**{field.name: text})
        return True
    for row in rows:
        said = _said_instead(getattr(row, field.name), text)
        type(row)._default_manager.filter(pk=row.pk).update(**{field.name: said})
    return True


def _said_instead(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {name: _said_instead(one, text) for name, one in value.items()}
    if isinstance(value, list):
        return [_said_instead(one, text) for one in value]
    return text if isinstance(value, str) else value
