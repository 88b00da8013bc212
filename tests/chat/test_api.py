import pytest

from atrium.chat.models import Chat, Turn
from atrium.engines.actions import offer_built_in
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.people.models import User
from tests import make
from tests.api.caller import Program, problem
from tests.chat.said import said_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reader() -> None:
    offer_built_in()


def test_a_program_asks_with_a_file_and_reads_the_chat(alice: User) -> None:
    file = make.kept_file(by=alice, name="garden.txt", content=b"Leaves are green.")
    program = Program(alice)

    asked = program.ask("POST", "/chats", {"text": "Why green?", "files": [str(file.pk)]})

    assert asked.status_code == 202
    chat = program.ask("GET", f"/chats/{asked.json()['chat']['id']}").json()
    assert [turn["role"] for turn in chat["turns"]] == ["asked", "answered"]
    assert chat["turns"][1]["state"] == "writing"
    assert chat["turns"][1]["receipt"]["state"] == "open"
    assert chat["documents"][0]["title"] == "garden.txt"


def test_the_next_question_waits_for_the_answer(alice: User) -> None:
    program = Program(alice)
    chat = program.ask("POST", "/chats", {"text": "One?"}).json()["chat"]

    problem(
        program.ask("POST", f"/chats/{chat['id']}/turns", {"text": "Two?"}), 409, "still_writing"
    )


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": " "}, 422, "question_empty"),
        ({"text": "x" * 32_001}, 413, "question_too_long"),
        ({"text": "x", "model": "gpt-9"}, 404, "model_not_found"),
        ({"text": "x", "files": ["01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90"]}, 404, "not_found"),
        ({"text": "x", "person": "me"}, 422, "invalid"),
        ({}, 422, "invalid"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_kept(
    alice: User, body: dict[str, object], status: int, code: str
) -> None:
    problem(Program(alice).ask("POST", "/chats", body), status, code)

    assert not Turn.objects.exists()
    assert not Chat.objects.exists()


def test_somebody_elses_file_cannot_be_quoted(alice: User, charlie: User) -> None:
    file = make.kept_file(by=alice)

    answer = Program(charlie).ask("POST", "/chats", {"text": "x", "files": [str(file.pk)]})

    problem(answer, 404, "not_found")


def test_a_stranger_sees_and_changes_nothing(alice: User, charlie: User) -> None:
    made = Program(alice).ask("POST", "/chats", {"text": "Mine?"}).json()
    chat, answer = made["chat"]["id"], made["answer"]["id"]
    stranger = Program(charlie)

    for method, path, body in [
        ("GET", f"/chats/{chat}", None),
        ("PATCH", f"/chats/{chat}", {"title": "Yours"}),
        ("DELETE", f"/chats/{chat}", None),
        ("POST", f"/chats/{chat}/restore", {}),
        ("POST", f"/chats/{chat}/turns", {"text": "And?"}),
        ("GET", f"/chats/turns/{answer}", None),
        ("POST", f"/chats/turns/{answer}/stop", {}),
    ]:
        problem(stranger.ask(method, path, body), 404, "not_found")
    assert stranger.ask("GET", "/chats").json()["items"] == []


def test_rename_trash_and_restore(alice: User) -> None:
    program = Program(alice)
    chat = program.ask("POST", "/chats", {"text": "One?"}).json()["chat"]["id"]

    assert program.ask("PATCH", f"/chats/{chat}", {"title": "Two"}).json()["title"] == "Two"
    assert program.ask("DELETE", f"/chats/{chat}").status_code == 204
    assert program.ask("GET", f"/chats/{chat}").status_code == 404
    assert program.ask("GET", "/chats?trash=true").json()["items"][0]["id"] == chat
    assert program.ask("POST", f"/chats/{chat}/restore").json()["deleted_at"] is None


def test_a_long_chat_is_read_from_its_end(alice: User) -> None:
    now = clock.now()
    chat = Chat.objects.create(person=alice, made_at=now, touched_at=now)
    said_in(chat, LIMITS.turns + 5)
    program = Program(alice)

    last = program.ask("GET", f"/chats/{chat.pk}").json()
    first = program.ask("GET", f"/chats/{chat.pk}?before={last['earlier']}").json()

    assert (len(last["turns"]), len(first["turns"])) == (LIMITS.turns, 5)
    assert first["earlier"] is None
    ids = [turn["id"] for turn in (*first["turns"], *last["turns"])]
    assert ids == sorted(set(ids))
