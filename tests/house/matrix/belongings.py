"""One of everything that somebody can own, and what an address calls it.

Who adds a table that belongs to people adds a maker here; ``test_canaries`` fails until then.
"""

import io
from dataclasses import dataclass, field
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.backends.base import SessionBase
from PIL import Image

from atrium.audit.actions import note
from atrium.chat import actions as chats
from atrium.chat.models import AskedPicture, Citation, Turn
from atrium.engines.models import Model
from atrium.events.actions import tell
from atrium.events.models import RecordedEvent
from atrium.files import actions as files
from atrium.files import storage
from atrium.files.models import Picture
from atrium.jobs.models import Job, Schedule, Worker
from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.notifications.actions import unsubscribe_token
from atrium.notifications.models import Choice, Mail, Notification
from atrium.people.actions import claim_guest, issue_key, open_family
from atrium.people.models import Device, Guest, Portrait, Session, SignInProvider, UsedCode, User
from atrium.people.session_store import SessionStore, hash_of
from atrium.sources.models import Collection
from tests import make
from tests.house.matrix.booked import booked, disagreed
from tests.house.matrix.bought import bought
from tests.house.matrix.copied import copied
from tests.house.matrix.engines import connected_for_everybody
from tests.house.matrix.joined import joined, said_to_all
from tests.house.matrix.kept import kept
from tests.house.matrix.mailed import mailed
from tests.house.matrix.metered import metered
from tests.house.matrix.moderated import moderated
from tests.house.matrix.ordered import ordered
from tests.house.matrix.paid import paid
from tests.house.matrix.refunded import refunded, set_up_for_everybody
from tests.house.matrix.shared import shared
from tests.house.matrix.subscribed import subscribed
from tests.house.matrix.together import together
from tests.people.second_step import give_app, give_passkey


@dataclass
class Belongings:
    """What one person or guest has; ``called`` has what addresses need, by parameter."""

    owner: User | Guest
    called: dict[str, str] = field(default_factory=dict)


def belongings_of(owner: User | Guest) -> Belongings:
    """Make one of everything for ``owner``."""
    made = Belongings(owner)
    _conversation(made)
    _files(made)
    made.called |= moderated(owner, answer=made.called["turn_id"])
    made.called |= kept(owner, chat=made.called["chat_id"])
    made.called |= together(owner, chat=made.called["chat_id"])
    made.called |= shared(owner)
    made.called |= copied(owner)
    made.called |= booked(owner)
    made.called |= metered(owner)
    made.called |= paid(owner)
    made.called |= refunded(owner, payment=made.called["payment_id"])
    made.called |= ordered(owner, payment=made.called["payment_id"])
    made.called |= subscribed(owner)
    made.called |= bought(owner, payment=made.called["payment_id"])
    if isinstance(owner, User):
        _of_a_member(made, owner)
    return made


def _conversation(made: Belongings) -> None:
    by, now = make.caller(made.owner), clock.now()
    document = make.document(by=made.owner, passages=["Leaves are green."])
    document.collection = Collection.objects.create(**by.as_owner(), title="Garden", made_at=now)
    document.save()
    chat = chats.start_chat(by=by, at=now)
    chats.set_wishes(chat=chat, wishes=chats.Wishes(system="Be brief."))
    chats.attach(chat=chat, documents=[document], at=now)
    model = Model.objects.get(slug="reader")
    begun = chats.begin_turn(by=by, chat=chat, text="Why?", model=model, key=str(new_id()), at=now)
    chats.finish_turn(answer=begun.answer, text="Because.", failure="It was late.", at=now)
    Turn.objects.filter(pk=begun.answer.pk).update(state=Turn.State.FAILED)
    Citation.objects.create(
        turn=begun.answer,
        number=1,
        passage=document.passages.first(),
        title=document.title,
        place="line 1",
        words="Leaves are green.",
        found=True,
    )
    tell(by.audience, "test.said", {"said": "something"}, at=now)
    made.called |= {"chat_id": str(chat.pk), "turn_id": str(begun.answer.pk)}
    made.called["events.stream"] = by.audience
    made.called["chapter_slug"] = "files"  # of the handbook, which is everybody's


def _files(made: Belongings) -> None:
    by, now = make.caller(made.owner), clock.now()
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "teal").save(out, "PNG")
    file = make.kept_file(by=made.owner, name="leaf.png", content=out.getvalue())
    for use in Picture.Use:
        with storage.Draft() as draft:
            draft.write(out.getvalue())
            name = storage.keep(draft.path)
        Picture.objects.create(
            file=file,
            use=use,
            storage_name=name,
            kind="image/png",
            size=len(out.getvalue()),
            width=20,
            height=10,
            made_at=now,
        )
    AskedPicture.objects.create(turn_id=made.called["turn_id"], file=file, number=1)
    upload = files.open_upload(
        by=by, name="more.txt", length=5, metadata="filename bW9yZQ==", at=now
    )
    made.called |= {"file_id": str(file.pk), "upload_id": str(upload.pk)}


def _of_a_member(made: Belongings, person: User) -> None:
    now = clock.now()
    made.called |= joined(person)
    made.called |= mailed(person)
    wishes = chats.Wishes(system="Be short.")
    preset = chats.make_preset(by=make.caller(person), title="Brief", wishes=wishes, at=now)
    made.called["preset_id"] = str(preset.pk)
    key, _token = issue_key(person=person, name="nightly", scopes=["read"], at=now)
    session = _other_browser(person)
    signed_in = open_family(person=person, agent="Mozilla/5.0", place="203.0.113.0/24", at=now)
    told = Notification.objects.create(
        person=person, kind="jobs.failed", params={"reason": "It broke."}, url="/files", made_at=now
    )
    mail = Mail.objects.create(notification=told, message_id=f"<{new_id()}@here>", made_at=now)
    Device.objects.create(person=person, digest="0" * 64, seen_at=now)
    Portrait.objects.create(person=person, content=b"RIFF", kept_at=now)
    Choice.objects.create(
        person=person, kind="people.new_sign_in", channel="mail", is_wanted=True, chosen_at=now
    )
    job = Job.objects.create(
        name="files.upkeep",
        owner=f"person:{person.pk}",
        arguments={"said": "something"},
        state=Job.State.FAILED,
        error="It broke.",
        trace="Traceback",
        run_at=now,
        made_at=now,
        ended_at=now,
    )
    made.called |= {
        "key_id": str(key.pk),
        "session_id": str(session.id),
        "claim_id": _brought_along(person),
        "family_id": str(signed_in.family.pk),
        "notification_id": str(told.pk),
        "unsubscribe": unsubscribe_token(person_id=person.pk, kind="people.new_sign_in"),
        "notifications.mail": str(mail.pk),
        "jobs.job": str(job.pk),
        "people.user": str(person.pk),
        "person_id": str(person.pk),
        "people.session": session.key_hash,
        "people.apikey": str(key.pk),
        "passkey_id": str(_second_step(person).pk),
        "account_id": str(_vouched_for(person).pk),
    }


def _vouched_for(person: User) -> SocialAccount:
    return SocialAccount.objects.create(user=person, provider="google", uid=str(person.pk))


def _second_step(person: User) -> Authenticator:
    """Give an app that was used already, and a passkey, which is returned."""
    give_app(person)
    UsedCode.objects.create(person=person, step=1)
    return give_passkey(person)


def _brought_along(person: User) -> str:
    guest, now = make.guest(), clock.now()
    chats.start_chat(by=make.caller(guest), at=now)
    claim = claim_guest(guest=guest, person=person, at=now)
    assert claim is not None, "a new guest is nobody's"
    return str(claim.pk)


def _other_browser(person: User) -> Session:
    store: SessionBase = SessionStore()
    store["_auth_user_id"] = str(person.pk)
    store["agent"] = "Mozilla/5.0"
    store.create()
    return Session.objects.get(key_hash=hash_of(str(store.session_key)))


def of_the_house() -> dict[str, str]:
    """Make what the console shows and nobody owns; return what addresses call it."""
    now = clock.now()
    worker = Worker.objects.create(host="here", pid=1, threads=1, started_at=now, seen_at=now)
    schedule = Schedule.objects.filter(name="test.daily").first() or Schedule.objects.create(
        name="test.daily", seconds=60, next_at=now + timedelta(days=1)
    )
    event = RecordedEvent.objects.create(name="test.Happened", payload={}, recorded_at=now)
    entry = note("test.done", by="system", at=now)
    provider = SignInProvider.objects.create(
        kind="google", slug="google", name="Google", is_enabled=False, made_at=now
    )
    return (
        said_to_all()
        | connected_for_everybody()
        | {
            "jobs.worker": str(worker.pk),
            "jobs.schedule": schedule.pk,
            "events.recordedevent": str(event.pk),
            "audit.auditentry": str(entry.pk),
            "people.signinprovider": str(provider.pk),
            "provider_id": provider.slug,
            "options.setting": "files.trash_days",
            "ledger.disagreement": disagreed(),
            "payments.gatewaysetting": set_up_for_everybody(),
        }
    )
