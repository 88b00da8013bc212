"""Plain makers of things that tests need; each room has a section of its own."""

from datetime import timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client

from atrium.files.actions import keep_upload
from atrium.files.models import File
from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.metering.actions import let_credits_pay
from atrium.people.caller import NOBODY, Caller
from atrium.people.models import Guest, User
from atrium.plans.models import FREE, GUEST, Plan
from atrium.sources.models import Document, Passage

PASSWORD = "correct horse battery"
_number = count(1)


# people


def person(*, username: str = "", password: str = "", **fields: Any) -> User:
    """Make a person; only with ``password`` can they sign in, since hashing one takes its time."""
    user = User(username=username or f"person{next(_number)}", joined_at=clock.now(), **fields)
    if password:
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save()
    if user.email:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def admin(*, username: str = "root", **fields: Any) -> User:
    return person(username=username, role=User.Role.ADMIN, **fields)


def guest(**fields: Any) -> Guest:
    """Make a visitor whose cookie nobody holds."""
    now = clock.now()
    told = {"token_hash": new_id().hex * 2, "first_seen_at": now, "last_seen_at": now}
    return Guest.objects.create(**{**told, **fields})


def enter(client: Client, person: User, *, ago: timedelta = timedelta()) -> Client:
    """Sign the person in there, as if they had given their password ``ago``."""
    client.force_login(person)
    session, given_at = client.session, (clock.now() - ago).timestamp()
    session["account_authentication_methods"] = [{"method": "password", "at": given_at}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client


def caller(who: User | Guest | None = None) -> Caller:
    """Return ``who`` as the one who asks; nobody when None."""
    if isinstance(who, Guest):
        return Caller(guest=who)
    return Caller(person=who) if who else NOBODY


# files, sources


def kept_file(
    *, by: User | Guest, name: str = "notes.txt", content: bytes = b"Some words."
) -> File:
    """Keep ``content`` as an upload would be."""
    return keep_upload(by=caller(by), name=name, source=[content], at=clock.now())


def document(*, by: User | Guest, passages: list[str] | None = None, **fields: Any) -> Document:
    """Make a document that was read already, with these passages."""
    file = kept_file(by=by, name=fields.pop("name", "notes.txt"))
    made = Document.objects.create(
        **caller(by).as_owner(),
        file=file,
        title=file.name,
        state=Document.State.READY,
        made_at=clock.now(),
        read_at=clock.now(),
        **fields,
    )
    Passage.objects.bulk_create(
        Passage(document=made, number=number, text=text, first_line=number, last_line=number)
        for number, text in enumerate(passages or ["Some words."], start=1)
    )
    return made


# metering


def windows(tokens: int) -> None:
    """Let every plan have so many tokens in six hours."""
    for slug in (GUEST, FREE):  # a flushed database has lost them
        told = {"name": slug, "price_minor": 0, "tokens_per_window": tokens}
        Plan.objects.get_or_create(slug=slug, defaults=told)
    Plan.objects.update(tokens_per_window=tokens)


def spends_credits(who: User | Guest) -> Caller:
    """Leave nothing for calls to be paid with but the credits of ``who``, and return them."""
    windows(0)
    let_credits_pay(by=caller(who), allowed=True, at=clock.now())
    return caller(who)
