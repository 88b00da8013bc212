import re
from pathlib import Path

import pytest
from django.conf import settings

from atrium.options import registry
from atrium.options.registry import BadValue, Kind, Option, UnknownOption, Value, every_option

pytestmark = pytest.mark.once


def an_option(kind: Kind, default: Value, **more: object) -> Option:
    return Option("test.thing", kind, default, "A thing.", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.INTEGER, "12", 12),
        (Kind.INTEGER, " -3 ", -3),
        (Kind.INTEGER, "007", 7),
        (Kind.FLOAT, "0.5", 0.5),
        (Kind.FLOAT, "1e3", 1000.0),
        (Kind.FLOAT, "-2", -2.0),
        (Kind.BOOLEAN, "true", True),
        (Kind.BOOLEAN, "No", False),
        (Kind.BOOLEAN, "1", True),
        (Kind.BOOLEAN, "off", False),
        (Kind.STRING, " Оля's house ", " Оля's house "),
    ],
)
def test_a_text_is_read_as_its_kind(kind: Kind, text: str, value: Value) -> None:
    found = an_option(kind, value).parse(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((Kind.INTEGER, text) for text in ("abc", "", "1.5", "१२", "٣", "1_000", "0x1f", "1e3")),
        *((Kind.INTEGER, text) for text in ("9" * 5000, "--1", "1 2", "²", "1\n2", "１２")),
        *((Kind.FLOAT, text) for text in ("1e400", "-1e400", "NaN", "inf", "-Infinity", "१.५")),
        *((Kind.FLOAT, text) for text in ("", ".", "1,5", "0x1p3", "1_0.0", "9" * 400)),
        *((Kind.BOOLEAN, text) for text in ("", "maybe", "2", "tru", "вкл")),
        *((Kind.STRING, text) for text in ("a\x00b", "a\nb", "\ud800", "x" * 2001, "\x1b[31m")),
    ],
)
def test_what_is_not_of_its_kind_is_refused_with_a_sentence(kind: Kind, text: str) -> None:
    with pytest.raises(BadValue) as refused:
        an_option(kind, 0).parse(text)
    assert refused.value.status == 422
    assert refused.value.detail.endswith(".")


def test_bounds_are_held_on_both_sides_and_said() -> None:
    option = an_option(Kind.INTEGER, 5, minimum=1, maximum=10)
    assert (option.parse("1"), option.parse("10")) == (1, 10)
    with pytest.raises(BadValue, match="smallest value allowed is 1"):
        option.parse("0")
    with pytest.raises(BadValue, match="largest value allowed is 10"):
        option.parse("11")
    assert option.bounds == "1…10"


def test_the_bounds_of_a_text_are_those_of_its_length() -> None:
    option = an_option(Kind.STRING, "ab", minimum=2, maximum=3)
    assert option.parse("abc") == "abc"
    for text in ("a", "abcd"):
        with pytest.raises(BadValue, match="characters"):
            option.parse(text)


def test_only_a_choice_can_be_chosen() -> None:
    option = an_option(Kind.STRING, "open", choices=("open", "invitation"))
    assert option.parse("invitation") == "invitation"
    with pytest.raises(BadValue, match="open, invitation"):
        option.parse("closed")


def test_a_declaration_that_contradicts_itself_does_not_boot() -> None:
    with pytest.raises(BadValue):
        registry.register(an_option(Kind.INTEGER, 11, maximum=10))
    with pytest.raises(ValueError, match="not of its kind"):
        registry.register(an_option(Kind.FLOAT, 10**17 + 1))
    with pytest.raises(ValueError, match="no option key"):
        registry.register(Option("Test", Kind.INTEGER, 1, ""))


def test_nobody_asks_for_an_option_that_is_not_declared() -> None:
    with pytest.raises(UnknownOption, match=r"no\.such"):
        registry.option("no.such")


def sources() -> str:
    """Return all code but the declarations themselves."""
    root = Path(settings.CHECKOUT) / "atrium"
    code = [path for path in root.rglob("*.py") if path.name != "options.py"]
    return "\n".join(path.read_text() for path in code)


def unread(keys: list[str], code: str) -> list[str]:
    asked = set(re.findall(r'"([a-z0-9_.]+)"', code))
    ours = ("room.", "test.")  # read by the switch itself, and declared by these tests alone
    return [key for key in keys if key not in asked and not key.startswith(ours)]


def test_every_option_is_read_somewhere() -> None:
    assert unread(list(every_option()), sources()) == []


def test_an_option_that_nothing_reads_is_noticed() -> None:
    assert unread(["chat.planted", "chat.read"], 'value("chat.read")') == ["chat.planted"]


def test_every_option_says_what_it_does() -> None:
    for option in every_option().values():
        assert str(option.description).endswith("."), option.key
