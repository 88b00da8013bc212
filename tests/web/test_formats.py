from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.template import engines
from django.utils import translation
from django.utils.formats import date_format

pytestmark = pytest.mark.once
NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def test_a_ukrainian_date_is_written_with_a_word() -> None:
    with translation.override("uk"):
        assert date_format(NOON) == "1 листопада 2026 року"
        assert date_format(NOON, "DATETIME_FORMAT") == "1 листопада 2026 року, 12:00"
        template = engines["django"].from_string('{{ at|date:"DATE_FORMAT" }}.')
        assert template.render({"at": NOON}) == "1 листопада 2026 року."


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("kind", ["DATE_FORMAT", "DATETIME_FORMAT"])
def test_no_date_brings_a_full_stop_to_the_end_of_our_sentences(language: str, kind: str) -> None:
    with translation.override(language):
        afternoon = NOON.replace(hour=16, minute=30)
        assert not date_format(NOON, kind).endswith(".")
        assert not date_format(afternoon, kind).endswith("."), date_format(afternoon, kind)
