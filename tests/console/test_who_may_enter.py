import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from atrium.people.models import User
from tests import make
from tests.console.conftest import Enter

pytestmark = pytest.mark.django_db

LISTS = [f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry]
FOR_SUPPORT = {
    *("jobs_job", "jobs_schedule", "jobs_worker", "events_stream"),
    "metering_usagelog",
    *("people_user", "people_guest", "people_session", "people_apikey", "people_joining"),
}


def address(name: str) -> str:
    return reverse(f"admin:{name}_changelist")


def test_the_console_stands_at_its_address() -> None:
    assert reverse("admin:index") == "/console/"
    assert Client().get("/console").headers["Location"] == "/console/"


@pytest.mark.parametrize("name", LISTS)
def test_a_stranger_is_sent_to_our_own_sign_in(name: str) -> None:
    answer = Client().get(address(name))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in?next=%2Fconsole%2F")


@pytest.mark.parametrize("name", LISTS)
def test_a_member_without_a_staff_role_is_refused(name: str, alice: User, enter: Enter) -> None:
    assert enter(alice).get(address(name)).status_code == 403
    assert enter(alice).get("/console/").status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_an_administrator_sees_every_list(name: str, operator: Client) -> None:
    assert operator.get(address(name)).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_support_sees_its_own_area_and_no_more(name: str, support: User, enter: Enter) -> None:
    expected = {200} if name in FOR_SUPPORT else {403, 404}
    assert enter(support).get(address(name)).status_code in expected


def test_staff_of_another_area_sees_less_still(enter: Enter) -> None:
    moderator = enter(make.person(username="mo", staff_areas=["moderation"]))
    assert moderator.get(address("people_user")).status_code == 200
    assert moderator.get(address("jobs_job")).status_code == 403
    front = moderator.get("/console/").content.decode()
    assert "/console/jobs/" not in front


def test_who_is_suspended_is_out_at_once(root: User, operator: Client) -> None:
    assert operator.get("/console/").status_code == 200
    User.objects.filter(pk=root.pk).update(is_active=False)
    assert operator.get("/console/").status_code == 302


def test_the_admins_own_sign_in_leads_to_ours() -> None:
    answer = Client().post("/console/login/", {"username": "root", "password": "guess"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?next=/console/"


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_added_or_removed_past_an_action(name: str, operator: Client) -> None:
    for rest in ("add/", "00000000-0000-0000-0000-000000000000/delete/"):
        answer = operator.post(address(name) + rest, {"post": "yes"})
        assert answer.status_code in {302, 403, 404}, rest
    picked = {"action": "delete_selected", "_selected_action": "1", "post": "yes"}
    assert operator.post(address(name), picked).status_code in {200, 302, 405}
    model = next(m for m in admin.site._registry if name.endswith(f"_{m._meta.model_name}"))
    assert admin.site._registry[model].get_actions(operator.get("/console/").wsgi_request) == {}


@pytest.mark.parametrize("query", ["name__regex=(((", f"pk__in={'9' * 400}", "person__password=x"])
def test_a_list_is_filtered_only_as_our_own_filters_do(query: str, operator: Client) -> None:
    assert operator.get(f"/console/people/apikey/?{query}").status_code == 400
    assert operator.get("/console/people/apikey/?revoked_at__isempty=1").status_code == 200


@pytest.mark.parametrize("where", ["job/?state__exact=a%00b", "schedule/a%00b/change/"])
def test_an_address_that_is_no_text_is_refused(where: str, operator: Client) -> None:
    assert operator.get(f"/console/jobs/{where}").status_code == 400
