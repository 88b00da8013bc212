import pytest

from atrium.audit.models import AuditEntry
from atrium.chat import queries
from atrium.chat.actions import (
    Wishes,
    change_preset,
    make_preset,
    remove_preset,
    set_wishes,
    start_chat,
    take_preset,
)
from atrium.chat.actions.wishes import BadWish, NotYours, PresetExists, SystemTooLong
from atrium.chat.models import Chat, Preset, Turn
from atrium.kit import clock
from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS
from atrium.people.models import User
from tests import make
from tests.chat.said import asked, model

SHORT = Wishes(system="Answer in two sentences.", temperature=0.5, most_tokens=100)


def test_the_engine_is_told_what_the_owner_wants(chat: Chat) -> None:
    set_wishes(chat=chat, wishes=SHORT)
    answer = Turn.objects.select_related("chat", "parent", "model").get(pk=asked(chat).pk)
    told = queries.question_for(answer)

    assert (told.system, told.temperature, told.most_tokens) == (SHORT.system, 0.5, 100)


@pytest.mark.parametrize(
    ("wishes", "refusal"),
    [
        (Wishes(system="x" * (LIMITS.instructions_characters + 1)), SystemTooLong),
        (Wishes(temperature=2.1), BadWish),
        (Wishes(temperature=-0.1), BadWish),
        (Wishes(temperature=float("nan")), BadWish),
        (Wishes(most_tokens=0), BadWish),
        (Wishes(most_tokens=10**7), BadWish),
    ],
)
def test_what_is_out_of_its_bounds_is_refused(
    chat: Chat, wishes: Wishes, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        set_wishes(chat=chat, wishes=wishes)


def test_a_chat_keeps_what_its_preset_was(chat: Chat, alice: User) -> None:
    by, now = make.caller(alice), clock.now()
    preset = make_preset(by=by, title=" Short  ", wishes=SHORT, at=now)
    take_preset(chat=chat, preset=preset)
    change_preset(preset=preset, by=by, title="Long", wishes=Wishes(), at=now)

    chat.refresh_from_db()
    assert (chat.system, chat.preset) == (SHORT.system, preset)
    remove_preset(preset=preset, by=by, at=now)
    chat.refresh_from_db()
    assert (chat.system, chat.preset) == (SHORT.system, None)


def test_a_name_is_taken_once_for_each(alice: User, bob: User) -> None:
    now = clock.now()
    admin = make.caller(make.admin())
    make_preset(by=make.caller(alice), title="Short", wishes=SHORT, at=now)
    make_preset(by=make.caller(bob), title="Short", wishes=SHORT, at=now)
    make_preset(by=admin, title="Short", wishes=SHORT, for_everybody=True, at=now)

    with pytest.raises(PresetExists):
        make_preset(by=make.caller(alice), title="Short", wishes=SHORT, at=now)
    with pytest.raises(PresetExists):
        make_preset(by=admin, title="Short", wishes=SHORT, for_everybody=True, at=now)
    assert Preset.objects.count() == 3


def test_only_administrators_offer_to_everybody_and_it_is_written_down(alice: User) -> None:
    now = clock.now()
    with pytest.raises(NotYours):
        make_preset(by=make.caller(alice), title="X", wishes=SHORT, for_everybody=True, at=now)
    with pytest.raises(NotYours):
        make_preset(by=make.caller(make.guest()), title="X", wishes=SHORT, at=now)

    admin = make.caller(make.admin())
    shared = make_preset(by=admin, title="House", wishes=SHORT, for_everybody=True, at=now)
    assert AuditEntry.objects.filter(action="chat.preset_offered").count() == 1

    alices = make.caller(alice)
    assert list(queries.presets_for(alices)) == [shared]
    assert not Preset.objects.that_may_be_changed_by(alices).exists()
    assert Preset.objects.that_may_be_changed_by(admin).get() == shared


def test_nobody_sees_anothers_presets(alice: User, bob: User) -> None:
    now = clock.now()
    mine = make_preset(by=make.caller(alice), title="Mine", wishes=SHORT, at=now)

    assert list(queries.presets_for(make.caller(alice))) == [mine]
    assert not queries.presets_for(make.caller(bob)).exists()
    assert not queries.presets_for(make.caller(make.guest())).exists()


def test_the_model_of_a_preset_is_asked_first(alice: User) -> None:
    by, now = make.caller(alice), clock.now()
    wanted = model()
    preset = make_preset(by=by, title="X", wishes=Wishes(model=wanted), at=now)
    chat = take_preset(chat=start_chat(by=by, at=now), preset=preset)

    assert chat.model == wanted
