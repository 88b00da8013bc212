from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Dialog, Page

from atrium.audit.actions import note
from atrium.events.models import RecordedEvent, Stream
from atrium.jobs.models import Job, Schedule, Worker
from atrium.kit import clock
from atrium.options.queries import value
from atrium.people.actions import issue_key
from atrium.people.models import User
from tests import make
from tests.house.browser import axe, screenshot
from tests.house.looking import sideways

pytestmark = pytest.mark.browser
NAUGHTY = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


def furnish() -> None:
    """Put something into every list, with names that want to be more than names."""
    now = clock.now()
    root = make.admin(username="root", display_name=NAUGHTY)
    make.person(username="alice", email="alice@example.org", display_name=NAUGHTY)
    make.guest()
    later = now + timedelta(days=1)  # the worker must not take what nobody declared
    told: dict[str, Any] = {"name": NAUGHTY[:80], "run_at": later, "made_at": now}
    Job.objects.create(**told, state="scheduled", arguments={"text": NAUGHTY})
    Job.objects.create(
        **told,
        state="failed",
        ended_at=now,
        error=NAUGHTY,
        trace=NAUGHTY,
        owner=f"person:{root.pk}",
    )
    Schedule.objects.update_or_create(name=NAUGHTY[:80], defaults={"seconds": 60, "next_at": later})
    Worker.objects.create(host=NAUGHTY, pid=1, threads=2, started_at=now, seen_at=now)
    RecordedEvent.objects.create(name=NAUGHTY, payload={"text": NAUGHTY}, recorded_at=now)
    Stream.objects.get_or_create(audience=NAUGHTY, defaults={"last_seq": 3})
    issue_key(person=root, name=NAUGHTY, scopes=["read"], expires_at=None, at=now)
    note("test.tried", by=NAUGHTY, about=(NAUGHTY[:40], NAUGHTY), detail={NAUGHTY: NAUGHTY}, at=now)


def enter(context: BrowserContext, server: str) -> Page:
    """Open a page of the administrator, signed in already."""
    client = Client()
    client.force_login(User.objects.get(username="root"))
    name = settings.SESSION_COOKIE_NAME
    told = {"name": name, "value": client.cookies[name].value, "url": server}
    context.add_cookies([told])  # type: ignore[list-item]
    return context.new_page()


def every_page(page: Page) -> list[tuple[str, str]]:
    """Return the address of each list and of the first row in it."""
    found = [("front", "/console/")]
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found.append((name, reverse(f"admin:{name}_changelist")))
        page.goto(found[-1][1])
        first = page.locator("table.list tbody th a").first
        if first.count():
            found.append((f"{name}_row", first.get_attribute("href") or ""))
    found.append(("option", "/console/options/setting/room.chat/change/"))
    return found


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])
def test_every_page_fits_is_reachable_and_runs_nothing_that_somebody_wrote(
    open_context: Callable[..., BrowserContext], server: str, width: int, scheme: Any
) -> None:
    furnish()
    context = open_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = enter(context, server)
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)

    wrong: list[str] = []
    for name, address in every_page(page):
        answer = page.goto(address)
        assert answer is not None
        wrong += [f"{name}: {answer.status}"] if answer.status != 200 else []
        wrong += [f"{name}: wider than the screen: {part}" for part in sideways(page)]
        if width > 320:  # the narrowest proves that it fits
            wrong += [f"{name}: {line}" for line in axe(page)]
            screenshot(page, f"console-{name}-{width}-{scheme}")
    assert wrong == []
    assert dialogs == []


def test_an_operator_closes_a_room_and_opens_it_again(
    open_context: Callable[..., BrowserContext], server: str
) -> None:
    make.admin(username="root")
    page = enter(open_context(), server)
    page.goto("/console/options/setting/room.chat/change/")
    page.get_by_label("Value").select_option("false")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("room.chat is changed").wait_for()
    assert page.locator(".rail a[href='/chat']").count() == 0
    assert value("room.chat") is False

    page.goto("/console/options/setting/room.chat/change/")
    page.get_by_role("button", name="Back to the default").click()
    page.locator(".rail a[href='/chat']").wait_for()


def test_a_failed_job_is_run_again_from_the_front_page(
    open_context: Callable[..., BrowserContext], server: str
) -> None:
    now = clock.now()
    make.admin(username="root")
    told = {"name": "test.broken", "run_at": now, "made_at": now, "ended_at": now}
    dead = Job.objects.create(**told, state="failed", error="It broke.")
    page = enter(open_context(), server)
    page.goto("/console/")
    page.get_by_role("link", name="Failed jobs").click()
    page.get_by_role("link", name="test.broken").click()
    page.get_by_role("button", name="Run again").click()
    page.get_by_text("The job waits for its turn again.").wait_for()
    dead.refresh_from_db()
    assert dead.error != "It broke."
