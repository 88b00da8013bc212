"""The house keeps its shape: names, sizes, and what may be said where."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from atrium.environment import CHECKOUT

pytestmark = pytest.mark.once

LINES_A_FILE = 400
LINES_A_FUNCTION = 60
DRAWERS = frozenset(
    {
        "base",
        "common",
        "core",
        "helper",
        "helpers",
        "lib",
        "managers",
        "misc",
        "services",
        "signals",
    }
    | {"tools", "util", "utils"}
)
WITHOUT_REQUEST = frozenset(
    {"actions", "queries", "models", "access", "events", "jobs", "reactions"}
)
SKIPPED = frozenset({"migrations", "__pycache__"})

Finding = tuple[int, str]
Rule = Callable[[str, ast.Module, str], Iterator[Finding]]


def inside_app(path: str) -> set[str]:
    """Return the names below the app: ``atrium/jobs/actions/begin.py`` has actions and begin."""
    return set(Path(path).with_suffix("").parts[2:])


def names_say_what_they_hold(path: str, tree: ast.Module, text: str) -> Iterator[Finding]:
    for part in Path(path).with_suffix("").parts:
        if part in DRAWERS:
            yield 1, f"{part} is a drawer, not a name"


def files_are_small(path: str, tree: ast.Module, text: str) -> Iterator[Finding]:
    lines = text.count("\n")
    if lines > LINES_A_FILE:
        yield 1, f"{lines} lines; two nouns live here (at most {LINES_A_FILE})"


def functions_are_small(path: str, tree: ast.Module, text: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_A_FUNCTION:
                yield node.lineno, f"{node.name} has {lines} lines (at most {LINES_A_FUNCTION})"


def actions_never_see_a_request(path: str, tree: ast.Module, text: str) -> Iterator[Finding]:
    if not WITHOUT_REQUEST & inside_app(path):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.arg == "request":
            yield node.lineno, "a request does not come this far down"


def actions_take_keywords(path: str, tree: ast.Module, text: str) -> Iterator[Finding]:
    """A public function of actions takes at most one thing by position: the noun it is about."""
    if "actions" not in inside_app(path):
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            by_position = len(node.args.posonlyargs) + len(node.args.args)
            if by_position > ACTIONS_BY_POSITION.get(f"{Path(path).parts[1]}.{node.name}", 1):
                yield node.lineno, f"{node.name} takes {by_position} arguments by position"


# The floors' own verbs, called hundreds of times, whose order is fixed by the brief of the house.
ACTIONS_BY_POSITION = {"events.tell": 3, "events.tell_all": 3, "events.whisper": 3}


def surfaces_go_in_by_visible_to(path: str, tree: ast.Module, text: str) -> Iterator[Finding]:
    """On a surface ``objects.get(…)`` without ``visible_to`` may show what is another's."""
    if not {"pages", "api"} & inside_app(path):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"get", "filter", "all", "aget"}:
            value = node.value
            if isinstance(value, ast.Attribute) and value.attr == "objects":
                yield (
                    node.lineno,
                    f"objects.{node.attr} on a surface; visible_to(caller) is the way in",
                )
        if isinstance(node, ast.Name) and node.id in {"get_object_or_404", "get_list_or_404"}:
            yield node.lineno, f"{node.id} on a surface; visible_to(caller) is the way in"


def nobody_asks_the_wall_clock(path: str, tree: ast.Module, text: str) -> Iterator[Finding]:
    if path == "atrium/kit/clock.py":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = ast.unparse(node.func)
            if called in {
                "datetime.now",
                "datetime.utcnow",
                "timezone.now",
                "date.today",
                "time.time",
            }:
                yield node.lineno, f"{called}(): time comes in as at=, or from kit.clock.now()"


def environment_is_read_in_one_place(path: str, tree: ast.Module, text: str) -> Iterator[Finding]:
    if path in READ_THE_ENVIRONMENT:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}:
            yield node.lineno, "the environment is read in environment.py"


LETTERS = {"EmailMessage", "EmailMultiAlternatives"}
READ_THE_ENVIRONMENT = {"atrium/environment.py", "atrium/__main__.py", "atrium/asgi.py"}


def letters_say_whom_they_are_from(path: str, tree: ast.Module, text: str) -> Iterator[Finding]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    for call in calls:
        if ast.unparse(call.func) in LETTERS and "from_email=" not in ast.unparse(call):
            yield call.lineno, "a letter comes from value(“mail.from”), which operators set"


def app_says_what_it_owns(path: str, tree: ast.Module, text: str) -> Iterator[Finding]:
    parts = Path(path).parts
    if len(parts) == 3 and parts[2] == "__init__.py":
        if not ast.get_docstring(tree):
            yield 1, "an app's __init__ says what it owns"
        if len(tree.body) > 1:
            yield tree.body[1].lineno, "an app's __init__ holds its docstring and nothing else"


def no_test_sleeps(path: str, tree: ast.Module, text: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}:
            yield (
                node.lineno,
                "a test waits for what it waits for, with a deadline; it never sleeps",
            )


PRODUCT: tuple[Rule, ...] = (
    names_say_what_they_hold,
    files_are_small,
    functions_are_small,
    actions_never_see_a_request,
    actions_take_keywords,
    surfaces_go_in_by_visible_to,
    nobody_asks_the_wall_clock,
    environment_is_read_in_one_place,
    letters_say_whom_they_are_from,
    app_says_what_it_owns,
)
TESTS: tuple[Rule, ...] = (files_are_small, functions_are_small, no_test_sleeps)


def findings(rule: Rule, path: str, text: str) -> list[str]:
    tree = ast.parse(text)
    return [f"{path}:{line}: {what}" for line, what in rule(path, tree, text)]


def sources(folder: str) -> list[tuple[str, str]]:
    paths = sorted((CHECKOUT / folder).rglob("*.py"))
    return [
        (str(path.relative_to(CHECKOUT)), path.read_text())
        for path in paths
        if not SKIPPED & set(path.parts)
    ]


@pytest.mark.parametrize("rule", PRODUCT, ids=lambda rule: rule.__name__)
def test_the_product_keeps(rule: Rule) -> None:
    found = [line for path, text in sources("atrium") for line in findings(rule, path, text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", TESTS, ids=lambda rule: rule.__name__)
def test_the_tests_keep(rule: Rule) -> None:
    # What tests stand on may wait: a server in the making, a child that is to be slow.
    found = [
        line
        for path, text in sources("tests")
        if rule is not no_test_sleeps or Path(path).name.startswith(("test_", "conftest"))
        for line in findings(rule, path, text)
    ]
    assert not found, "\n".join(found)


PLANTED = [
    (names_say_what_they_hold, "atrium/chat/utils.py", ""),
    (names_say_what_they_hold, "atrium/chat/services/begin.py", ""),
    (files_are_small, "atrium/chat/models.py", "x = 1\n" * 401),
    (functions_are_small, "atrium/chat/turn.py", "def f():\n" + "    x = 1\n" * 60),
    (actions_never_see_a_request, "atrium/chat/actions.py", "def f(*, request): ..."),
    (actions_never_see_a_request, "atrium/chat/actions/turns.py", "async def f(request): ..."),
    (actions_take_keywords, "atrium/chat/actions.py", "def begin(chat, text): ..."),
    (surfaces_go_in_by_visible_to, "atrium/chat/pages.py", "Chat.objects.get(pk=pk)"),
    (surfaces_go_in_by_visible_to, "atrium/chat/api.py", "get_object_or_404(Chat, pk=pk)"),
    (nobody_asks_the_wall_clock, "atrium/chat/actions.py", "at = datetime.now(UTC)"),
    (nobody_asks_the_wall_clock, "atrium/chat/pages.py", "timezone.now()"),
    (environment_is_read_in_one_place, "atrium/chat/jobs.py", "os.environ['HOME']"),
    (letters_say_whom_they_are_from, "atrium/chat/letters.py", "EmailMessage(to=['a'])"),
    (app_says_what_it_owns, "atrium/chat/__init__.py", "x = 1"),
    (app_says_what_it_owns, "atrium/chat/__init__.py", '"""Chat."""\nx = 1'),
    (no_test_sleeps, "tests/chat/test_turn.py", "time.sleep(1)"),
]


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_a_planted_bug_is_found(rule: Rule, path: str, text: str) -> None:
    assert findings(rule, path, text)


def test_what_is_right_is_left_alone() -> None:
    text = "def begin(chat, *, by, at): ...\nChat.objects.visible_to(caller).get(pk=pk)\n"
    for path in ("atrium/chat/actions.py", "atrium/chat/pages.py"):
        for rule in PRODUCT:
            assert findings(rule, path, text) == []
