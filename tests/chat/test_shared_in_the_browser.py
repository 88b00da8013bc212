"""Sharing a chat as people do: a link for a stranger, who goes on with it, until it ends."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from atrium.chat.actions import attach, share_chat
from atrium.chat.copies import path_to
from atrium.chat.models import Chat
from atrium.engines.actions import offer_built_in
from atrium.kit import clock
from atrium.options.actions import set_option
from atrium.people.models import User
from tests import make
from tests.chat.spoken import answers_of, chat_that_says, cite
from tests.house.browser import sign_in
from tests.house.looking import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWER = """Leaves look green because **chlorophyll** takes in red and blue light [1].

| Colour | What happens |
|---|---|
| red | taken in |
| green | thrown back |

```python
for leaf in tree.leaves:
    print(leaf.colour)
```
See https://elsewhere.example/leaves [2]."""


@pytest.fixture
def alice(transactional_db: None) -> User:
    offer_built_in()
    set_option(key="chat.shared_copies", text="public", by="system", at=clock.now())
    return make.person(username="alice", password=make.PASSWORD)


def leaves(owner: User) -> Chat:
    chat = chat_that_says(
        owner, ("Why do leaves look green?", ANSWER), title="Why leaves are green"
    )
    words = "Leaves look green because chlorophyll absorbs blue and red light."
    for number, name in enumerate(("garden.txt", "a-rather-long-name-of-a-diary.txt"), start=1):
        document = make.document(by=owner, name=name, passages=[words])
        attach(chat=chat, documents=[document], at=clock.now())
        cite(answers_of(chat)[0], document, number=number)
    return chat


def test_a_link_is_given_to_a_stranger_who_goes_on_until_it_ends(
    page: Page, alice: User, open_context: Callable[..., BrowserContext]
) -> None:
    chat = leaves(alice)
    sign_in(page, "alice", make.PASSWORD)
    page.goto(f"/chat/{chat.pk}")
    page.locator("summary", has_text="What to do with this chat").click()
    page.get_by_role("link", name="Share a copy").click()
    sheet = page.get_by_role("dialog", name="Share a copy")
    expect(sheet.get_by_label("For how long")).to_be_visible()
    look(page, "share-sheet-before")
    sheet.get_by_label("garden.txt").check()
    sheet.get_by_role("button", name="Make a link").click()
    field = sheet.get_by_label("Whoever has this link reads the copy")
    expect(field).to_have_value(re.compile(r"/shared/atr_share_\w+$"))
    link = field.input_value()
    look(page, "share-sheet")

    stranger = open_context().new_page()
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="Why leaves are green")).to_be_visible()
    expect(stranger.locator(".sources")).to_contain_text("A file that is not shared")
    expect(stranger.locator("body")).not_to_contain_text("diary")
    expect(stranger.locator(".code .copy")).to_be_visible()
    look(stranger, "shared")
    stranger.get_by_role("link", name="1", exact=True).click()
    expect(stranger.locator(".source:target")).to_contain_text("chlorophyll absorbs")
    stranger.get_by_role("button", name="Continue this chat").click()
    stranger.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
    expect(stranger.get_by_text("From a shared chat")).to_be_visible()
    look(stranger, "shared-fork")
    stranger.get_by_label("Your question").fill("And in autumn?")
    stranger.get_by_role("button", name="Send").click()
    expect(stranger.locator(".receipt")).to_be_visible()

    sheet.get_by_role("button", name="Stop sharing").click()
    expect(sheet.get_by_role("button", name="Make a link")).to_be_visible()
    assert_gone(stranger, link)
    look(stranger, "shared-gone")
    page.reload()
    expect(page.locator(".turn.mine")).to_have_count(1)  # what the stranger asked is theirs


def assert_gone(page: Page, link: str) -> None:
    answer = page.goto(link)
    assert answer
    assert answer.status == 410
    expect(page.locator("main")).to_contain_text("not shared any more")


def test_what_one_shares_is_listed_and_ended(page: Page, alice: User) -> None:
    chats = [leaves(alice) for _number in range(3)]
    told = {"by": make.caller(alice), "lasts": "week", "at": clock.now()}
    copies = [share_chat(chat=chat, is_listed=chat == chats[0], **told) for chat in chats]  # type: ignore[arg-type]
    copy = copies[-1]
    sign_in(page, "alice", make.PASSWORD)
    page.goto(f"/chat/{copy.chat_id}/share")
    look(page, "share")
    page.get_by_role("link", name="All that you share").click()
    expect(page.get_by_role("button", name="Copy the link")).to_have_count(3)
    look(page, "shares")
    page.get_by_role("button", name="Copy the link").first.click()
    expect(page.get_by_role("button", name="Copied")).to_have_count(1)
    page.goto("/shared")
    expect(page.get_by_role("link", name="Why leaves are green")).to_have_count(1)
    look(page, "shared-list")
    page.goto(path_to(copy))
    expect(page.get_by_text("This is what others see.")).to_be_visible()
    page.goto("/chat/shares")
    page.get_by_role("button", name="End all links").click()
    page.get_by_role("dialog").get_by_role("button", name="End all links").click()
    expect(page.get_by_role("heading", name="Nothing shared")).to_be_visible()
    look(page, "shares-none")
