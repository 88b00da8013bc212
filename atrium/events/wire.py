"""Between a frozen dataclass and JSON, strictly: what goes in comes out equal, or it raises."""

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast
from uuid import UUID

T = TypeVar("T")

_AS_TEXT: dict[type, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    UUID: (str, UUID),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    date: (date.isoformat, date.fromisoformat),
}
_PLAIN = (str, int, float, bool, type(None))


class Misfit(TypeError):
    """A value is not what its field says, or a stored fact no longer fits its class."""


def encode(instance: Any) -> dict[str, Any]:
    """Return the fields of a dataclass as what JSON can hold."""
    hints = typing.get_type_hints(type(instance))
    return {
        field.name: _out(getattr(instance, field.name), hints[field.name], field.name)
        for field in dataclasses.fields(instance)
    }


def decode(cls: type[T], stored: dict[str, Any]) -> T:
    """Return the dataclass that ``encode`` made ``stored`` of.

    :raises Misfit: for a name the class does not know, or a missing one without a default
    """
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    if unknown := stored.keys() - fields.keys():
        raise Misfit(f"{cls.__name__} has no field {', '.join(sorted(unknown))}")
    needed = {name for name, field in fields.items() if _has_no_default(field)}
    if missing := needed - stored.keys():
        raise Misfit(f"{cls.__name__} was stored without {', '.join(sorted(missing))}")
    return cls(**{name: _back(value, hints[name], name) for name, value in stored.items()})


def _has_no_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is field.default_factory is dataclasses.MISSING


def _out(value: Any, hint: Any, where: str) -> Any:
    hint = _choose(hint, value, where)
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and isinstance(value, tuple):
        return [_out(item, inside[0], where) for item in value]
    if origin is dict and isinstance(value, dict):
        return {key: _out(item, inside[1], where) for key, item in value.items()}
    if hint is not type(value):
        raise Misfit(f"{where} is {type(value).__name__}, and was declared {hint}")
    if hint in _AS_TEXT:
        return _AS_TEXT[hint][0](value)
    if issubclass(hint, StrEnum):
        return value.value
    return encode(value) if dataclasses.is_dataclass(hint) else value


def _back(value: Any, hint: Any, where: str) -> Any:
    hint = _choose(hint, value, where)
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return tuple(_back(item, inside[0], where) for item in value)
    if origin is dict:
        return {key: _back(item, inside[1], where) for key, item in value.items()}
    if hint in _AS_TEXT:
        return _AS_TEXT[hint][1](_plain(str, value, where))
    if issubclass(hint, StrEnum):
        return hint(value)
    if dataclasses.is_dataclass(hint):
        return decode(cast(type[Any], hint), value)
    return _plain(hint, value, where)


def _plain(hint: type, value: Any, where: str) -> Any:
    if type(value) is not hint:
        raise Misfit(f"{where} was stored as {type(value).__name__}, and is declared {hint}")
    return value


def _choose(hint: Any, value: Any, where: str) -> Any:
    if value is None and type(None) in typing.get_args(hint):
        return type(None)
    return _without_none(hint, where)


def _without_none(hint: Any, where: str) -> Any:
    """Return the declared type, which may be one kind of thing, or that and None."""
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        kinds = [kind for kind in typing.get_args(hint) if kind is not type(None)]
        if len(kinds) != 1:
            raise Misfit(f"{where} may be several things; say one, or one and None")
        hint = kinds[0]
    if _fits(hint):
        return hint
    raise Misfit(f"{where} is declared {hint}, which an event cannot carry")


def _fits(hint: Any) -> bool:
    inside = typing.get_args(hint)
    if typing.get_origin(hint) is tuple:
        return len(inside) == 2 and inside[1] is Ellipsis
    if typing.get_origin(hint) is dict:
        return inside[0] is str
    return isinstance(hint, type) and (
        hint in _PLAIN
        or hint in _AS_TEXT
        or issubclass(hint, StrEnum)
        or dataclasses.is_dataclass(hint)
    )
