from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from atrium.files.models import File
from atrium.kit import clock
from atrium.people.actions import issue_key
from atrium.people.models import User
from tests.files.conftest import keep

FILES = "/api/v1/files"


def program(person: User, *scopes: str) -> Client:
    _key, token = issue_key(
        person=person,
        name="program",
        scopes=list(scopes or ("read", "write")),
        expires_at=None,
        at=clock.now(),
    )
    return Client(headers={"Authorization": f"Bearer {token}"})


def upload(client: Client, **more: Any) -> Any:
    file = SimpleUploadedFile("notes.txt", b"Kyiv.\n", "text/plain")
    return client.post(FILES, {"file": file}, **more)


def test_a_program_uploads_looks_reads_deletes_and_restores(alice: User) -> None:
    client = program(alice)
    made = upload(client)
    assert made.status_code == 201
    told = made.json()
    assert (told["name"], told["size"], told["kind"]) == ("notes.txt", 6, "text/plain")
    address = f"{FILES}/{told['id']}"
    assert client.get(address).json() == told
    read = client.get(f"{address}/content", headers={"Range": "bytes=0-3"})
    assert (read.status_code, read.getvalue()) == (206, b"Kyiv")
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 204
    assert client.get(FILES).json()["items"] == []
    assert len(client.get(f"{FILES}?trash=true").json()["items"]) == 1
    assert client.post(f"{address}/restore").json()["deleted_at"] is None


def test_bytes_may_come_as_they_are(alice: User) -> None:
    client = program(alice)
    made = client.post(f"{FILES}?name=a.md", b"# Kyiv", content_type="text/markdown")
    assert (made.status_code, made.json()["kind"]) == (201, "text/markdown")


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.pdf", b"words", 422, "not_what_it_says"),
        ("a.exe", b"MZ", 415, "kind_not_taken"),
        ("..%2Fa.txt", b"words", 400, "bad_name"),
        ("", b"words", 400, "bad_name"),
        ("a.txt", b"", 422, "empty_file"),
    ],
)
def test_what_will_not_do_is_a_problem(
    alice: User, name: str, content: bytes, status: int, code: str
) -> None:
    answer = program(alice).post(
        f"{FILES}?name={name}", content, content_type="application/octet-stream"
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_key_that_may_only_read_uploads_nothing(alice: User) -> None:
    assert upload(program(alice, "read")).status_code == 403
    begun = program(alice, "read").post(
        f"{FILES}/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "3"}
    )
    assert begun.status_code == 403
    assert not File.objects.exists()


def test_what_is_not_mine_is_not_there(alice: User, charlie: User) -> None:
    file, client = keep(alice), program(charlie)
    address = f"{FILES}/{file.pk}"
    answers = [
        client.get(address),
        client.get(f"{address}/content"),
        client.post(f"{address}/restore"),
        client.post(f"{address}/link"),
        client.delete(address),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert client.get(FILES).json()["items"] == []
    assert File.objects.kept().count() == 1


def test_a_link_opens_the_file_without_a_key(alice: User) -> None:
    file = keep(alice)
    link = program(alice).post(f"{FILES}/{file.pk}/link?seconds=60").json()
    path = link["url"].partition("8000")[2]
    assert Client().get(path).getvalue() == b"Kyiv is the capital.\n"


def test_the_list_has_pages(alice: User) -> None:
    made = [str(keep(alice, name=f"{number}.txt").pk) for number in range(5)]
    client, seen, address = program(alice), [], f"{FILES}?size=2"
    for _page in range(3):
        told = client.get(address).json()
        seen += [item["id"] for item in told["items"]]
        address = f"{FILES}?size=2&after={told['next']}"
    assert address.endswith("None")
    assert seen == made[::-1]


def test_limits_are_told(alice: User) -> None:
    told = program(alice).get(f"{FILES}/limits").json()
    assert told["left_bytes"] == told["quota_bytes"] == 5_000_000_000
