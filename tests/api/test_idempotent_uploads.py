import json
from typing import Any

import pytest

from atrium.files.models import File
from atrium.people.models import User
from tests.api.caller import Program, problem

LARGE = b"x" * 5_000_000  # twice what Django reads into memory


def upload(program: Program, name: str, content: bytes = LARGE, key: str = "one") -> Any:
    return program.client.generic(
        "POST",
        f"/api/v1/files?name={name}",
        content,
        content_type="application/octet-stream",
        headers={**program.headers, "Idempotency-Key": key},
    )


def test_a_raw_upload_of_five_megabytes_is_kept_once(alice: User) -> None:
    program = Program(alice)

    first, second = upload(program, "long.txt"), upload(program, "long.txt")

    assert first.status_code == second.status_code == 201, first.content
    assert json.loads(first.content) == json.loads(second.content)
    assert second["Idempotency-Replayed"] == "true"
    assert [file.size for file in File.objects.all()] == [len(LARGE)]


@pytest.mark.parametrize(("name", "shorter"), [("other.txt", 0), ("long.txt", 1)])
def test_another_name_or_length_under_the_key_is_another_call(
    alice: User, name: str, shorter: int
) -> None:
    program = Program(alice)
    assert upload(program, "long.txt").status_code == 201
    problem(upload(program, name, LARGE[shorter:]), 422, "idempotency_key_reused")
    assert File.objects.count() == 1
