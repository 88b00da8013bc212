"""The room of files in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from atrium.files.models import File
from tests import make
from tests.house.browser import axe, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def room(page: Page) -> Page:
    make.person(username="alice", password=make.PASSWORD)
    sign_in(page, "alice", make.PASSWORD)
    page.goto("/files")
    return page


def test_a_chosen_file_arrives_and_stands_in_the_list(room: Page, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Some words.")
    expect(room.get_by_text("No files yet")).to_be_visible()

    room.locator("input[type=file]").set_input_files(notes)

    expect(room.locator(".file-list")).to_contain_text("notes.txt")
    assert File.objects.get().name == "notes.txt"
    assert axe(room) == []


def test_a_refused_file_says_its_name_and_the_reason_and_can_be_put_away(
    room: Page, tmp_path: Path
) -> None:
    liar = tmp_path / "notes.txt"
    liar.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 40)
    room.locator("input[type=file]").set_input_files(liar)

    failed = room.locator(".uploads .failed")
    expect(failed).to_contain_text("notes.txt")
    expect(failed).to_contain_text("This is not what it says")
    assert axe(room) == []
    failed.get_by_role("button", name="Remove: notes.txt").click()
    expect(room.locator(".uploads li")).to_have_count(0)


def offset_of(asked: Request) -> str:
    return asked.headers.get("upload-offset", "")


def test_after_a_reload_the_room_tells_what_was_begun_and_the_same_file_goes_on(
    room: Page, tmp_path: Path
) -> None:
    long = tmp_path / "long.txt"
    long.write_bytes(b"word " * 3_400_000)  # more than two pieces

    def first_piece_only(route: Route) -> None:
        if offset_of(route.request) in {"", "0"}:
            route.continue_()  # and what follows is held for ever: the line is slow

    room.route("**/files/uploads/*", first_piece_only)
    with room.expect_request(lambda asked: offset_of(asked) not in {"", "0"}) as second:
        room.locator("input[type=file]").set_input_files(long)
    room.reload()
    left = room.locator(".uploads .left")
    expect(left).to_contain_text("long.txt")
    expect(left).to_contain_text("Choose the same file again to go on.")

    room.unroute_all(behavior="ignoreErrors")
    with room.expect_request(lambda asked: asked.method == "PATCH") as again:
        room.locator("input[type=file]").set_input_files(long)

    expect(room.locator(".file-list")).to_contain_text("long.txt")
    assert offset_of(again.value) == offset_of(second.value)
    expect(left).to_have_count(0)
    assert File.objects.get().size == 17_000_000
