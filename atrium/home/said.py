"""Every text that code and templates mark for translation."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field
from django.template import Engine, engines
from django.template.base import Lexer, Node, TokenType
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from atrium.environment import CHECKOUT
from atrium.home.catalogues import SOURCE, Key
from atrium.options.registry import every_option

_IN_A_TAG = re.compile(r"""\b_\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)""")
_KEYWORDS: dict[str, Any] = {
    "gettext_lazy": None,
    "gettext_noop": None,
    "pgettext_lazy": ((1, "c"), 2),
    "ngettext_lazy": (1, 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def said() -> dict[Key, set[str]]:
    """Return each text with the files that say it. Needs Babel, a tool of development."""
    found = written()
    for key, path in named():
        found[key].add(path)
    return found


def written() -> dict[Key, set[str]]:
    """Return each text that stands in code and templates."""
    found: dict[Key, set[str]] = defaultdict(set)
    for path in sorted(SOURCE.rglob("*.py")):
        for key in _in_python(path):
            found[key].add(str(path.relative_to(CHECKOUT)))
    for path in sorted(SOURCE.glob("*/templates/**/*.*")):
        for key in _in_template(path):
            found[key].add(str(path.relative_to(CHECKOUT)))
    return found


def named() -> Iterator[tuple[Key, str]]:
    """Yield the names out of the code that the console says: models, their columns, groups."""
    for model, pages in admin.site._registry.items():  # noqa: SLF001  # the one list there is
        path = f"{model.__module__.replace('.', '/')}.py"
        shown = {*pages.list_display, *(pages.fields or ()), *pages.list_filter}
        names = [field.verbose_name for name in shown if (field := _field(pages, name))]
        if not {"verbose_name", "verbose_name_plural"} & set(pages.opts.original_attrs):
            names.append(str(pages.opts.verbose_name_plural))
        for name in names:
            if isinstance(name, str):  # what is lazy stands in the code as a text
                yield ("", name, ""), path
    for group in {key.partition(".")[0].capitalize() for key in every_option()}:
        yield ("", group, ""), "atrium/options/registry.py"


def _field(pages: Any, name: Any) -> "Field[Any, Any] | None":
    try:
        field = pages.opts.get_field(name[0] if isinstance(name, tuple) else name)
    except FieldDoesNotExist:
        return None  # a column that the page makes itself
    return field if isinstance(field, Field) else None


def _in_python(path: Path) -> Iterator[Key]:
    from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file  # noqa: PLC0415

    keywords = {**DEFAULT_KEYWORDS, **_KEYWORDS}
    for _line, message, _notes, context in extract_from_file("python", path, keywords=keywords):
        one, many = message[:2] if isinstance(message, tuple) else (message, "")
        if one:
            yield context or "", str(one), str(many)


def _in_template(path: Path) -> Iterator[Key]:
    text = path.read_text()
    engine: Engine = engines["django"].engine  # type: ignore[attr-defined]
    nodes = engine.from_string(text).nodelist
    for node in nodes.get_nodes_by_type(TranslateNode):
        yield from _plain(node)
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        yield _block(node)
    for token in Lexer(text).tokenize():
        if token.token_type in {TokenType.VAR, TokenType.BLOCK}:
            for match in _IN_A_TAG.finditer(token.contents):
                text = re.sub(r"\\(.)", r"\1", match[1][1:-1])
                yield "", text.replace("%", "%%"), ""


def _plain(node: Node) -> Iterator[Key]:
    assert isinstance(node, TranslateNode)
    text = node.filter_expression.var.literal
    if isinstance(text, str):  # a variable is no text of ours
        yield _context(node), text.replace("%", "%%"), ""


def _block(node: Node) -> Key:
    assert isinstance(node, BlockTranslateNode)
    one, _names = node.render_token_list(node.singular)
    many = node.render_token_list(node.plural)[0] if node.countervar and node.plural else ""
    return _context(node), one, many


def _context(node: Any) -> str:
    return str(node.message_context.var) if node.message_context else ""
