"""Joining in a real browser: an invitation, waiting, and terms; each page looked at by axe."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from atrium.kit import clock as kit_clock
from atrium.notifications.actions import announce
from atrium.people.actions.joining import approve
from atrium.people.models import Joining
from tests import make
from tests.house.browser import sign_in
from tests.house.looking import look
from tests.people.test_joining_pages import link, option, terms

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def give_name(page: Page, name: str = "dora") -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(make.PASSWORD)


def test_an_invitation_leads_to_an_account(page: Page) -> None:
    option("people.sign_up", "invitation")
    page.goto("/sign-up")
    expect(page.get_by_role("heading", level=1)).to_contain_text("by invitation")
    look(page, "joining-closed")
    page.goto(link(note_to_self="For Dora"))
    expect(page).to_have_url(re.compile(r"/sign-up$"))
    expect(page.get_by_text("root invites you.")).to_be_visible()
    look(page, "joining-invited")

    give_name(page)
    page.get_by_role("button", name="Make the account").click()

    page.wait_for_url(lambda url: "/sign-up" not in url)
    page.goto("/settings")
    expect(page.get_by_text("You sign in as")).to_contain_text("dora")


def test_an_administrator_invites_on_the_settings_page(page: Page) -> None:
    make.admin(password=make.PASSWORD)
    sign_in(page, "root", make.PASSWORD)
    page.goto("/settings/invitations")
    page.get_by_label("A note for yourself").fill("The new colleague")
    page.get_by_role("button", name="Make an invitation").click()

    expect(page.get_by_label("The link")).to_have_value(re.compile("/join/"))
    look(page, "joining-invitations")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("taken back", exact=True)).to_be_visible()


def test_who_waits_is_let_in_while_they_look(page: Page) -> None:
    option("people.sign_up", "approval")
    page.goto("/sign-up")
    look(page, "joining-approval")
    give_name(page)
    with page.expect_response(lambda answer: "/live" in answer.url):
        page.get_by_role("button", name="Make the account").click()
        page.goto("/files")
    expect(page).to_have_url(re.compile("/waiting"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account is waiting")
    look(page, "joining-waiting")

    approve(joining=Joining.objects.get(), by="system", at=kit_clock.now())

    page.wait_for_url(lambda url: "/waiting" not in url, timeout=20_000)
    page.goto("/files")
    expect(page).to_have_url(re.compile(r"/files$"))


def test_terms_stand_before_everything(page: Page, alice: Any) -> None:
    alice.set_password(make.PASSWORD)
    alice.save()
    sign_in(page, "alice", make.PASSWORD)
    terms(text="# Be kind\n\n" + "To *everybody*, always, and to the machines as well. " * 40)
    terms(kind="privacy", text="We keep **little**.\n\n- your files\n- your chats")

    page.goto("/files?trash=1")

    expect(page.get_by_role("heading", level=1)).to_have_text("Before you go on")
    look(page, "joining-terms-gate")
    page.get_by_role("button", name="Agree and go on").click()  # the box is empty: stays
    expect(page.get_by_role("heading", level=1)).to_have_text("Before you go on")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Agree and go on").click()
    page.wait_for_url(lambda url: url.endswith("/files?trash=1"))
    page.goto("/terms")
    look(page, "joining-terms")


def test_terms_are_asked_at_the_sign_up(page: Page) -> None:
    terms()
    page.goto("/sign-up")
    expect(page.get_by_role("contentinfo").get_by_role("link", name="Terms of use")).to_be_visible()
    look(page, "joining-sign-up-terms")
    give_name(page)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url(lambda url: "/sign-up" not in url)


def test_announcements_are_seen_in_every_light(page: Page, alice: Any) -> None:
    alice.set_password(make.PASSWORD)
    alice.save()
    text = "On Sunday from 6 to 7 we move to a new machine; what you write then may take a while."
    announce(text=text, link="/terms", by="system", at=kit_clock.now())
    announce(text="Mail is late today.", level="warning", by="system", at=kit_clock.now())
    page.goto("/")
    look(page, "joining-news-stranger")
    sign_in(page, "alice", make.PASSWORD)
    page.goto("/files")
    look(page, "joining-news-member")
    page.evaluate("document.documentElement.dir = 'rtl'")
    look(page, "joining-news-right-to-left")
    page.goto("/announcements")
    look(page, "joining-news-page")


def test_the_console_of_joining(page: Page) -> None:
    make.admin(password=make.PASSWORD)
    sign_in(page, "root", make.PASSWORD)
    link(note_to_self="For Dora")
    announce(text="Mail is late today.", by="system", at=kit_clock.now())
    for name, path in (
        ("announce", "/console/notifications/announcement/new/"),
        ("announcements", "/console/notifications/announcement/"),
        ("invite", "/console/people/invitation/new/"),
        ("console-invitations", "/console/people/invitation/"),
        ("draft", "/console/people/termsversion/new/"),
        ("joinings", "/console/people/joining/"),
    ):
        page.goto(path)
        look(page, f"joining-console-{name}")
