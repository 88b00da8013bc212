from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from ninja import NinjaAPI

from atrium.kit.errors import NotAllowed, SignInNeeded
from atrium.people.caller import NOBODY
from atrium.people.models import User
from atrium.web import checks
from atrium.web.policy import Policy, WrongMethod, page, policy
from tests import make

api = NinjaAPI(urls_namespace="planted")


def unjudged(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@page("GET", who="anyone")
def judged(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@api.get("/judged")
@policy(who="member")
def judged_operation(request: HttpRequest, number: int = 0) -> dict[str, int]:
    return {"number": number}


@api.post("/judged")
def unjudged_operation(request: HttpRequest) -> None:
    return None


def asked(caller: Any, method: str = "GET") -> HttpRequest:
    request = HttpRequest()
    request.method = method
    request.caller = caller  # type: ignore[attr-defined]
    return request


@pytest.mark.once
def test_the_house_has_no_unjudged_route() -> None:
    assert checks.every_route_has_a_policy() == []
    assert len(list(checks.routes())) > 5


@pytest.mark.once
def test_a_planted_route_is_found_however_deep_it_lies() -> None:
    deep = include(([path("unjudged", unjudged), path("judged", judged)], "inner"))
    found = [
        where
        for where, spaces, view in checks.routes([path("deep/", deep)])
        if None in checks.policies_of(view, spaces)
    ]

    assert found == ["/deep/unjudged"]


@pytest.mark.once
def test_a_planted_operation_is_found_beside_a_judged_one() -> None:
    by_path = {
        where: checks.policies_of(view, spaces)
        for where, spaces, view in checks.routes([path("api/", api.urls)])
    }

    assert by_path["/api/judged"] == [Policy("member"), None]


@pytest.mark.once
def test_third_parties_are_judged_by_their_namespace() -> None:
    assert checks.policies_of(unjudged, ("admin",)) == [Policy("staff")]


@pytest.mark.django_db
def test_each_policy_lets_in_who_it_names(alice: User) -> None:
    admin = make.person(username="root", role=User.Role.ADMIN)
    nobody, guest = NOBODY, make.caller(make.guest())
    member, root = make.caller(alice), make.caller(admin)
    lets_in = {
        "anyone": {nobody, guest, member, root},
        "member": {member, root},
        "staff": {root},
        "admin": {root},
    }
    for who, welcome in lets_in.items():
        view = page("GET", who=who)(unjudged)  # type: ignore[arg-type]
        for caller in (nobody, guest, member, root):
            if caller in welcome:
                assert view(asked(caller)).status_code == 200
            else:
                expected = NotAllowed if caller.is_member else SignInNeeded
                with pytest.raises(expected):
                    view(asked(caller))


@pytest.mark.django_db
def test_staff_of_one_area_stays_out_of_another() -> None:
    finance = make.caller(make.person(username="fin", staff_areas=["finance"]))

    assert page("GET", who="staff")(unjudged)(asked(finance)).status_code == 200
    assert page("GET", who="staff", area="finance")(unjudged)(asked(finance)).status_code == 200
    with pytest.raises(NotAllowed):
        page("GET", who="staff", area="moderation")(unjudged)(asked(finance))


@pytest.mark.once
def test_somebody_is_made_of_nobody_once() -> None:
    made: list[int] = []
    request = asked(NOBODY)
    request.become_guest = lambda: made.append(1)  # type: ignore[attr-defined]

    page("GET", who="somebody")(unjudged)(request)
    request.caller = SimpleNamespace(is_nobody=False)  # type: ignore[attr-defined]
    page("GET", who="somebody")(unjudged)(request)

    assert made == [1]


@pytest.mark.once
def test_a_method_not_named_is_refused_before_anybody_is_asked() -> None:
    with pytest.raises(WrongMethod) as refused:
        page("GET", who="admin")(unjudged)(asked(NOBODY, "POST"))

    assert refused.value.allowed == ("GET", "HEAD")
