import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils.translation import override

from atrium.handbook import book
from atrium.kit.limits import LIMITS

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.mark.once
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_chapters_and_sections(language: str) -> None:
    def names(language: str) -> list[tuple[str, list[str]]]:
        return [
            (one.slug, [section.name for section in one.sections])
            for one in book.chapters(language)
        ]

    assert names(language) == names("en")
    assert len(names(language)) == 9


@pytest.mark.once
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_passage_is_short_and_found_again_by_its_name(language: str) -> None:
    for chapter in book.chapters(language):
        assert chapter.language == language
        for passage in chapter.passages:
            assert book.passage_called(passage.ref) == passage
            assert len(passage.text) <= LIMITS.passage_characters
            assert len(passage.ref) <= 120
            assert not re.search(r"[`*{}]|\]\(", passage.text)


@pytest.mark.once
@pytest.mark.parametrize("ref", ["", "en", "en/files", "xx/files#pdf/1", "../en/files#pdf/1"])
def test_what_the_handbook_does_not_say_is_not_found(ref: str) -> None:
    assert book.passage_called(ref) is None


@pytest.mark.once
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_it_leads_to_is_there(language: str) -> None:
    for chapter in book.chapters(language):
        for section in chapter.sections:
            for address in re.findall(r"\]\((/[^)]*)\)", section.text):
                try:
                    resolve(address)
                except Resolver404:
                    pytest.fail(f"{chapter.slug} leads to {address}")


@pytest.mark.once
def test_its_numbers_are_those_of_the_house() -> None:
    said = " ".join(one.text for chapter in book.chapters("en") for one in chapter.passages)

    assert f"at most {LIMITS.message_characters:,} characters" in said
    assert f"up to {LIMITS.document_pages:,} pages" in said
    assert f"PDF up to {LIMITS.pdf_bytes // 1_000_000} MB" in said
    assert f"subtitles up to {LIMITS.text_bytes // 1_000_000} MB" in said


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_reads_it_in_their_language(client: Client, language: str) -> None:
    headers = {"Accept-Language": language}
    listed = client.get("/handbook", headers=headers).content.decode()

    for chapter in book.chapters(language):
        shown = client.get(f"/handbook/{chapter.slug}", headers=headers)
        assert f'href="/handbook/{chapter.slug}"' in listed
        assert shown.status_code == 200
        for section in chapter.sections:
            assert f'id="{section.name}"' in shown.content.decode()


@pytest.mark.django_db
def test_another_chapter_is_not_there(client: Client) -> None:
    assert client.get("/handbook/nothing").status_code == 404


@pytest.mark.once
def test_a_language_without_a_handbook_reads_the_english_one() -> None:
    with override("uk"):
        assert book.chapters()[0].language == "uk"
    assert book.language_of("de-at") == "en"
    assert book.language_of("uk-ua") == "uk"
