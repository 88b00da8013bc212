import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from atrium.chat.actions import begin_turn, delete_chat, finish_turn, rename_chat, start_chat
from atrium.chat.models import Chat, Turn
from atrium.chat.searching import Found, find, one_letter_apart, parts_around
from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model
from atrium.kit import clock
from atrium.people.models import User
from tests import make
from tests.chat import scripted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reader(db: None) -> None:
    offer_built_in()


def some_model() -> Model:
    return Model.objects.filter(slug="scripted").first() or scripted.model()


def say(chat: Chat, asked: str, answered: str) -> Turn:
    now, by = clock.now(), make.caller(chat.person)
    begun = begin_turn(by=by, chat=chat, text=asked, model=some_model(), at=now)
    finish_turn(answer=begun.answer, text=answered, at=now)
    return begun.answer


def sought(owner: User, query: str) -> Found:
    return find(make.caller(owner), query)


def test_words_of_questions_and_answers_are_found_in_other_forms_too(
    chat: Chat, alice: User
) -> None:
    answer = say(chat, "Why do leaves look green?", "Chlorophyll absorbs the blue light.")

    assert [hit.turn.pk for hit in sought(alice, "absorbing blue").hits] == [answer.pk]
    assert [hit.turn.pk for hit in sought(alice, "leaf leaves").hits] == [answer.parent_id]
    assert f"/chat/{chat.pk}/at/{answer.pk}" in sought(alice, "chlorophyll").hits[0].url
    assert sought(alice, "bread").hits == []


def test_who_has_all_the_words_is_found_and_else_who_has_any(chat: Chat, alice: User) -> None:
    both = say(chat, "Tell me.", "Rye bread needs sour dough.")
    say(chat, "And?", "Wheat bread needs none.")

    assert [hit.turn.pk for hit in sought(alice, "bread sour").hits] == [both.pk]
    assert len(sought(alice, "bread zeppelin").hits) == 2


def test_what_is_not_the_callers_is_never_found(chat: Chat, alice: User, bob: User) -> None:
    say(chat, "Where is it?", "The treasure lies under the oak.")
    rename_chat(chat=chat, title="Treasure", at=clock.now())

    assert sought(bob, "treasure") == ([], [])
    assert find(make.caller(), "treasure") == ([], [])
    assert len(sought(alice, "treasure").hits) == 1
    delete_chat(chat=chat, at=clock.now())
    assert sought(alice, "treasure") == ([], [])


def test_what_moderators_hid_and_what_is_being_written_is_not_found(
    chat: Chat, alice: User
) -> None:
    answer = say(chat, "So?", "The zeppelin flew.")
    Turn.objects.filter(pk=answer.pk).update(hidden_at=clock.now())
    assert sought(alice, "zeppelin").hits == []

    begun = begin_turn(
        by=make.caller(alice), chat=chat, text="More?", model=some_model(), at=clock.now()
    )
    Turn.objects.filter(pk=begun.answer.pk).update(text="A balloon")
    assert sought(alice, "balloon").hits == []
    finish_turn(answer=begun.answer, text="A balloon rose.", at=clock.now())
    assert len(sought(alice, "balloon").hits) == 1


def test_the_index_follows_changes_and_deletions(chat: Chat, alice: User) -> None:
    answer = say(chat, "So?", "The zeppelin flew.")
    Turn.objects.filter(pk=answer.pk).update(text="The balloon flew.")
    assert sought(alice, "zeppelin").hits == []
    assert len(sought(alice, "balloon").hits) == 1
    Turn.objects.filter(pk=answer.pk).update(text="")
    assert sought(alice, "balloon").hits == []

    chat.delete()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM chat_said")
            assert cursor.fetchone() == (0,)


def test_a_text_that_no_index_could_take_whole_is_kept_all_the_same(
    chat: Chat, alice: User
) -> None:
    vast = " ".join(f"слово{number}" for number in range(200_000))
    say(chat, "So?", f"Beginning {vast}")

    assert len(sought(alice, "beginning").hits) == 1


def test_titles_are_found_with_one_letter_wrong(chat: Chat, alice: User) -> None:
    rename_chat(chat=chat, title="Chlorophyll in the garden", at=clock.now())

    for query in ("chlorophyll", "chlorphyll", "clhorophyll garden", "Gardens"):
        assert sought(alice, query).chats == [chat], query
    assert sought(alice, "zeppelin garden").chats == []


@pytest.mark.once
@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("garden", "garden", True),
        ("garden", "gardens", True),
        ("garden", "grden", True),
        ("garden", "gardne", True),
        ("garden", "gerden", True),
        ("garden", "gerdan", False),
        ("garden", "warden2", False),
        ("", "a", True),
    ],
)
def test_one_letter(one: str, other: str, *, apart: bool) -> None:
    assert one_letter_apart(one, other) is apart
    assert one_letter_apart(other, one) is apart


@pytest.mark.once
def test_a_piece_of_a_long_text_has_the_words_marked() -> None:
    text = "x " * 500 + "Green leaves are green. " + "y " * 500
    parts = parts_around(text, ["green"])

    assert [part for part, marked in parts if marked] == ["Green", "green"]
    assert sum(len(part) for part, _marked in parts) < 400
    assert parts[0] == ("…", False)
    assert parts[-1][0].endswith("…")
    assert parts_around("Nothing here", ["green"]) == [("Nothing here", False)]


@pytest.mark.parametrize(
    "hostile", ['"', "' OR 1=1 --", "a*b", "NEAR(", "\0", "🜁", "-", "(:*", "x" * 600, "%s", "a:b&!"]
)
def test_a_hostile_query_finds_nothing_and_breaks_nothing(
    client: Client, alice: User, hostile: str
) -> None:
    client.force_login(alice)
    assert client.get("/chat/search", {"q": hostile}).status_code == 200


def test_the_page_and_the_api_show_the_same(client: Client, chat: Chat, alice: User) -> None:
    answer = say(chat, "Why?", "Because <b>chlorophyll</b> is green.")
    client.force_login(alice)

    page = client.get("/chat/search", {"q": "chlorophyll"}).content.decode()
    assert "<mark>chlorophyll</mark>" in page
    assert "&lt;b&gt;" in page
    assert f"/chat/{chat.pk}/at/{answer.pk}" in page
    assert "Nothing found" in client.get("/chat/search", {"q": "zeppelin"}).content.decode()

    found = json.loads(client.get("/api/v1/chats/search?q=chlorophyll").content)
    assert found["hits"][0]["turn"] == str(answer.pk)
    assert ["chlorophyll", True] in [
        [part["text"], part["marked"]] for part in found["hits"][0]["parts"]
    ]


def test_a_hit_opens_on_the_page_that_shows_it(client: Client, alice: User, chat: Chat) -> None:
    now = clock.now()
    before = None
    for number in range(130):
        before = Turn.objects.create(
            chat=chat,
            parent=before,
            role="asked",
            text={3: "zeppelin", 129: "ending"}.get(number, "q"),
            made_at=now + timedelta(seconds=number),
            ended_at=now,
        )
    client.force_login(alice)
    hit = sought(alice, "zeppelin").hits[0]

    led = client.get(hit.url)["Location"]

    assert led.endswith(f"#turn-{hit.turn.pk}")
    assert f'id="turn-{hit.turn.pk}"' in client.get(led).content.decode()
    last = sought(alice, "ending").hits[0]
    assert client.get(last.url)["Location"] == f"/chat/{chat.pk}#turn-{last.turn.pk}"


def test_a_chat_begun_elsewhere_is_not_in_anothers_list(bob: User) -> None:
    start_chat(by=make.caller(bob), at=clock.now())
    assert find(make.caller(bob), "why") == ([], [])


def test_the_index_stands_after_all_migrations() -> None:
    """A change of the table of turns takes its triggers on SQLite, and nothing would say so."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'chat_turn'"
        )
        found = {name for (name,) in cursor.fetchall()}
    assert {"chat_words_in", "chat_words_out", "chat_words_changed"} <= found, (
        "end the last migration of chat with word_index.index_the_words_again"
    )
