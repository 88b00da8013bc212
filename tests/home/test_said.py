from pathlib import Path

import pytest

from atrium.home import said as module

pytestmark = pytest.mark.once


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "SOURCE", tmp_path)
    monkeypatch.setattr(module, "CHECKOUT", tmp_path)
    (tmp_path / "chat" / "templates" / "chat").mkdir(parents=True)
    return tmp_path / "chat"


def test_python_is_read(app: Path) -> None:
    (app / "pages.py").write_text(
        'title = _("Chats")\n'
        'later = gettext_lazy("Later")\n'
        'both = ngettext("%(n)s chat", "%(n)s chats", n)\n'
        'verb = pgettext("verb", "Open")\n'
        'long = _("One"\n         " sentence.")\n'
        "other = _(variable)\n"
    )
    assert set(module.written()) == {
        ("", "Chats", ""),
        ("", "Later", ""),
        ("", "%(n)s chat", "%(n)s chats"),
        ("verb", "Open", ""),
        ("", "One sentence.", ""),
    }


def test_templates_are_read(app: Path) -> None:
    (app / "templates" / "chat" / "chat.html").write_text(
        '{% translate "New chat" %}{% translate variable %}{% translate "100% yours" %}'
        '{% if a %}{% translate "Open" context "verb" %}{% endif %}'
        '{% include "web/parts/card.html" with title=_("Receipt") %}'
        "{% blocktranslate trimmed count n=n with who=name %}\n  {{ n }} file of {{ who }}\n"
        "{% plural %}\n  {{ n }} files of {{ who }}\n{% endblocktranslate %}"
    )
    assert set(module.written()) == {
        ("", "New chat", ""),
        ("", "100%% yours", ""),
        ("verb", "Open", ""),
        ("", "Receipt", ""),
        ("", "%(n)s file of %(who)s", "%(n)s files of %(who)s"),
    }


def test_names_that_the_console_says_are_texts_too() -> None:
    texts = {key[1] for key, _path in module.named()}
    assert {"jobs", "username", "Files"} <= texts
