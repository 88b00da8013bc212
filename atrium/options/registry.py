"""Which options there are. A room declares its own in ``<app>/options.py``."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit.errors import NotFound, Unprocessable
from atrium.web import shell

Value = str | int | float | bool


class Kind(StrEnum):
    STRING = "STRING"
    INTEGER = "INTEGER"
    BOOLEAN = "BOOLEAN"
    FLOAT = "FLOAT"


class BadValue(Unprocessable):
    code = "bad_value"


class UnknownOption(NotFound):
    code = "unknown_option"


_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
# ASCII digits only: int() would also take "१२" and "1_000", which a person may not have meant.
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")
_TRUE = {"true", "1", "yes", "on"}
_FALSE = {"false", "0", "no", "off"}
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Option:
    """One thing an operator may decide.

    ``minimum`` and ``maximum`` bound a number, or the length of a text; ``check`` raises BadValue
    for what else would be wrong. A ``secret`` is sealed where it is kept and never shown again. For
    what is ``dangerous``, because it opens a door or removes things, the console asks who it is.
    """

    key: str
    kind: Kind
    default: Value
    description: str | Promise
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] | None = None
    secret: bool = False
    dangerous: bool = False
    check: Callable[[Value], None] | None = None

    def parse(self, text: str) -> Value:
        """Return the value that ``text`` says.

        :raises BadValue: with a sentence that says what would be right
        """
        value = _PARSERS[self.kind](text)
        self._check_bounds(value)
        if self.choices is not None and value not in self.choices:
            allowed = ", ".join(self.choices)
            raise BadValue(_("Choose one of: {allowed}.").format(allowed=allowed))
        if self.check is not None:
            self.check(value)
        return value

    def written(self, value: Value) -> str:
        """Return ``value`` as the text that ``parse`` reads back."""
        if self.kind is Kind.BOOLEAN:
            return "true" if value else "false"
        return str(value)

    @property
    def default_text(self) -> str:
        return self.written(self.default)

    @property
    def bounds(self) -> str:
        """What is allowed, in a few words; empty when anything of its kind is."""
        if self.choices is not None:
            return " · ".join(self.choices)
        low = "" if self.minimum is None else str(self.minimum)
        high = "" if self.maximum is None else str(self.maximum)
        return f"{low}…{high}" if low or high else ""

    def _check_bounds(self, value: Value) -> None:
        if isinstance(value, bool):
            return
        size = len(value) if isinstance(value, str) else value
        if self.minimum is not None and size < self.minimum:
            said = _("At least {bound} characters.") if self.kind is Kind.STRING else ""
            said = said or _("The smallest value allowed is {bound}.")
            raise BadValue(said.format(bound=self.minimum))
        if self.maximum is not None and size > self.maximum:
            said = _("At most {bound} characters.") if self.kind is Kind.STRING else ""
            said = said or _("The largest value allowed is {bound}.")
            raise BadValue(said.format(bound=self.maximum))


def _text(text: str) -> str:
    if len(text) > _LONGEST:
        raise BadValue(_("At most {bound} characters.").format(bound=_LONGEST))
    if any(ord(character) < 32 or 0xD800 <= ord(character) < 0xE000 for character in text):
        raise BadValue(_("Write it on one line, without control characters."))
    return text


def _integer(text: str) -> int:
    if not _WHOLE.fullmatch(text.strip()):
        raise BadValue(_("Write a whole number with the digits 0 to 9."))
    return int(text)


def _float(text: str) -> float:
    found = float(text) if _NUMBER.fullmatch(text.strip()) else math.nan
    if not math.isfinite(found):
        raise BadValue(_("Write a number such as 12 or 0.5."))
    return found


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise BadValue(_("Write true or false."))
    return word in _TRUE


_PARSERS: dict[Kind, Callable[[str], Value]] = {
    Kind.STRING: _text,
    Kind.INTEGER: _integer,
    Kind.FLOAT: _float,
    Kind.BOOLEAN: _boolean,
}
_declared: dict[str, Option] = {}


def register(*options: Option) -> None:
    """Declare options; a key stands once, and its default obeys its own bounds."""
    for option in options:
        if not _KEY.fullmatch(option.key):
            raise ValueError(f"{option.key!r} is no option key: write room.word in small letters.")
        if option.key in _declared and _declared[option.key] != option:
            raise ValueError(f"The option {option.key} is declared twice.")
        if option.parse(option.default_text) != option.default:
            raise ValueError(f"The default of {option.key} is not of its kind.")
        _declared[option.key] = option


def every_option() -> dict[str, Option]:
    """Return all options by key, in order; the rooms' switches among them."""
    # The switches are made when asked: rooms register after this app is ready.
    switches = {f"room.{room.key}": _switch(room) for room in switchable()}
    return dict(sorted({**_declared, **switches}.items()))


def switchable() -> list[shell.Room]:
    """Return the rooms that can be closed: all but those of the staff, who would be locked out."""
    return [room for room in shell.all_rooms() if room.who not in {"staff", "admin"}]


def option(key: str) -> Option:
    """Return the option named ``key``.

    :raises UnknownOption: nobody declared it
    """
    found = _declared.get(key) or every_option().get(key)
    if found is None:
        raise UnknownOption(_("There is no option named {key}.").format(key=key))
    return found


def _switch(room: shell.Room) -> Option:
    return Option(
        key=f"room.{room.key}",
        kind=Kind.BOOLEAN,
        default=True,
        description=format_lazy(
            gettext_lazy(
                "Whether the room “{title}” is open. A closed room answers 404 and leaves the"
                " navigation; what people made in it is kept."
            ),
            title=room.title,
        ),
    )
