import errno
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import path

from atrium.kit.errors import Conflict, PaymentNeeded, SignInNeeded, TooMany
from atrium.web.policy import page

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.urls(__name__)]
_raised: list[Exception] = []


@page("GET", "POST", who="anyone")
def raises(request: HttpRequest) -> HttpResponse:
    raise _raised[-1]


@page("GET", who="anyone")
async def raises_late(request: HttpRequest) -> HttpResponse:
    raise _raised[-1]


urlpatterns = [
    path("raises", raises),
    path("raises-late", raises_late),
    path("api/raises", raises),
]
handler400 = handler403 = handler404 = handler500 = "atrium.web.refusals.handle_error"


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    _raised.clear()


def raising(error: Exception) -> Client:
    _raised.append(error)
    return Client(raise_request_exception=False)


def test_a_person_gets_a_page_with_the_sentence_and_the_numbers() -> None:
    refused = PaymentNeeded("All used up.", limit=100, used=97, way_on="Reader is free.")

    answer = raising(refused).get("/raises")

    said = answer.content.decode()
    assert answer.status_code == 402
    assert "<!doctype html>" in said
    for words in ("All used up.", "97 of 100", "Reader is free."):
        assert words in said


def test_a_refusal_that_leads_on_has_a_button_there_and_says_its_numbers_once() -> None:
    class Spent(PaymentNeeded):
        says_numbers = True

    refused = Spent("You have 1.00 of 3.00.", limit=1, used=3, link="/wallet/buy?need=2")

    said = raising(refused).get("/raises").content.decode()
    assert 'href="/wallet/buy?need=2"' in said
    assert "3 of 1" not in said
    told = raising(refused).get("/api/raises").json()
    assert (told["link"], told["limit"], told["used"]) == ("/wallet/buy?need=2", 1, 3)


def test_htmx_gets_a_note_for_the_corner_and_the_page_stays() -> None:
    answer = raising(Conflict("Taken.")).post("/raises", headers={"HX-Request": "true"})

    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#said"
    assert "Taken." in answer.content.decode()
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "accept"), [("/api/raises", "*/*"), ("/raises", "application/json")]
)
def test_a_program_gets_problem_json_with_the_same_words(address: str, accept: str) -> None:
    refused = PaymentNeeded("All used up.", limit=100, used=97)

    answer = raising(refused).get(address, headers={"Accept": accept})

    told = json.loads(answer.content)
    assert answer.status_code == 402
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (told["detail"], told["limit"], told["used"]) == ("All used up.", 100, 97)
    assert (told["code"], told["status"]) == ("payment_needed", 402)


def test_who_must_wait_is_told_how_long(clock: Any) -> None:
    refused = TooMany("Later.", retry_at=clock.now + timedelta(seconds=90))

    answer = raising(refused).get("/raises")

    assert answer.headers["Retry-After"] == "90"


def test_who_must_sign_in_is_sent_there_and_comes_back() -> None:
    client = raising(SignInNeeded("Sign in."))

    assert client.get("/raises?a=1")["Location"] == "/sign-in?next=%2Fraises%3Fa%3D1"
    assert client.post("/raises")["Location"] == "/sign-in"
    assert client.get("/raises", headers={"HX-Request": "true"})["HX-Redirect"] == "/sign-in"
    refused = client.get("/api/raises")
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("error", "status"),
    [(Http404(), 404), (PermissionDenied(), 403), (SuspiciousOperation("no"), 400)],
)
def test_django_own_refusals_are_rendered_by_us(error: Exception, status: int) -> None:
    client = raising(error)

    assert client.get("/raises").status_code == status
    assert json.loads(client.get("/api/raises").content)["status"] == status


def test_a_wrong_address_is_a_page_and_problem_json() -> None:
    client = Client()

    assert b"<!doctype html>" in client.get("/nowhere").content
    assert json.loads(client.get("/api/nowhere").content)["code"] == "not_found"


def test_a_wrong_method_says_which_are_right() -> None:
    answer = Client().delete("/raises")

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, POST, HEAD"


def test_a_fault_shows_its_number_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    client = raising(ZeroDivisionError("the secret inside"))

    with caplog.at_level(logging.ERROR, logger="atrium.faults"):
        answer = client.get("/raises")

    said = answer.content.decode()
    record = next(record for record in caplog.records if record.name == "atrium.faults")
    assert answer.status_code == 500
    assert record.reference in said  # type: ignore[attr-defined]
    assert record.exc_info
    assert "secret inside" not in said
    assert "ZeroDivisionError" not in said


def test_an_asynchronous_view_is_refused_the_same_way() -> None:
    raising(Conflict("Taken."))
    client = AsyncClient(raise_request_exception=False)

    answer = async_to_sync(client.get)("/raises-late")

    assert answer.status_code == 409
    assert b"Taken." in answer.content


def test_a_form_from_elsewhere_is_refused_with_a_sentence() -> None:
    strict = Client(enforce_csrf_checks=True)

    page_said = strict.post("/raises")
    api_said = strict.post("/api/raises")

    assert page_said.status_code == api_said.status_code == 403
    assert b"Reload the page" in page_said.content
    assert json.loads(api_said.content)["code"] == "csrf_failed"


def test_what_is_said_is_escaped() -> None:
    answer = raising(Conflict("<script>alert(1)</script>")).get("/raises")

    assert b"<script>alert" not in answer.content


def test_a_form_with_ten_thousand_fields_is_refused_before_it_is_read() -> None:
    fields = {f"field{number}": "1" for number in range(10_000)}
    _raised.append(Conflict("never reached"))

    answer = Client(enforce_csrf_checks=True).post("/raises", fields)

    assert answer.status_code in {400, 403, 413}


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("the server closed the connection"),
        InterfaceError("connection already closed"),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_a_database_or_a_disk_that_is_away_is_no_fault_of_ours(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    client = raising(error)
    with caplog.at_level(logging.ERROR, logger="atrium.faults"):
        page, told = client.get("/raises"), client.get("/api/raises")

    assert (page.status_code, told.status_code) == (503, 503)
    assert told.json()["code"] == "out_of_order"
    assert int(told["Retry-After"]) > 0
    assert str(error) not in page.content.decode()
    assert len([one for one in caplog.records if one.name == "atrium.faults"]) == 2


def test_any_other_trouble_with_a_file_is_a_fault() -> None:
    assert raising(OSError(errno.EBADF, "Bad file descriptor")).get("/raises").status_code == 500
