from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.kit import secrets

pytestmark = pytest.mark.once

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
OLD, NEW = "an old key that is long enough to be one", "a new key that is long enough to be one!"


@pytest.fixture
def old_key(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []


@pytest.fixture
def rotate(settings: Any) -> Any:
    def turn(*fallbacks: Any) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, list(fallbacks)

    return turn


@given(st.text(), st.text(max_size=20))
def test_what_is_sealed_comes_back(text: Any, purpose: Any) -> None:
    text, purpose = (part.encode("utf-8", "replace").decode() for part in (text, purpose))
    assert secrets.unseal(secrets.seal(text, purpose), purpose) == text


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert secrets.seal("sk-1") != secrets.seal("sk-1")
    assert "sk-1" not in secrets.seal("sk-1")


def test_sealed_text_moved_to_another_purpose_does_not_open() -> None:
    with pytest.raises(secrets.CannotUnseal):
        secrets.unseal(secrets.seal("sk-1", "engine:a"), "engine:b")


def test_any_changed_character_is_noticed() -> None:
    sealed = secrets.seal("sk-1")
    for place in range(len(sealed)):
        other = "A" if sealed[place] != "A" else "Q"
        with pytest.raises(secrets.CannotUnseal):
            # The last character may carry two bits of padding, so the change is a whole one.
            secrets.unseal(sealed[:place] + other + sealed[place + 1 :])


@pytest.mark.parametrize("noise", ["", "s1", "s1.x", "s1.x.", "s1..é", "s1.00000000.AAAA", "plain"])
def test_noise_cannot_be_unsealed(noise: Any) -> None:
    with pytest.raises(secrets.CannotUnseal):
        secrets.unseal(noise)


def test_a_rotated_key_still_opens_and_resealing_lets_it_retire(old_key: Any, rotate: Any) -> None:
    sealed = secrets.seal("sk-1", "engine")
    rotate(OLD)
    assert secrets.unseal(sealed, "engine") == "sk-1"
    fresh = secrets.reseal(sealed, "engine")
    assert fresh != sealed
    assert secrets.reseal(fresh, "engine") == fresh
    rotate()
    assert secrets.unseal(fresh, "engine") == "sk-1"
    with pytest.raises(secrets.CannotUnseal, match="not among ours"):
        secrets.unseal(sealed, "engine")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_signed_value_can_be_read_back(value: Any) -> None:
    signed = secrets.sign(value, purpose="file", expires=NOON)
    assert secrets.verify(signed, purpose="file", at=NOON - timedelta(seconds=1)) == value


def test_a_signature_ends_at_its_time_and_holds_for_one_purpose() -> None:
    signed = secrets.sign("42", purpose="file", expires=NOON)
    with pytest.raises(secrets.SignatureExpired):
        secrets.verify(signed, purpose="file", at=NOON)
    with pytest.raises(secrets.BadSignature) as caught:
        secrets.verify(signed, purpose="mail", at=NOON - timedelta(hours=1))
    assert caught.value.status == 403


def test_neither_the_value_nor_the_time_of_a_signature_can_be_changed() -> None:
    value, until, mac = secrets.sign("42", purpose="file", expires=NOON).split(".")
    for changed in (
        f"NDM.{until}.{mac}",
        f"{value}.{int(until) + 9}.{mac}",
        f"{value}..{mac}",
        "",
        "é..é",
    ):
        with pytest.raises(secrets.BadSignature):
            secrets.verify(changed, purpose="file", at=NOON - timedelta(hours=1))


def test_what_an_older_key_signed_still_holds(old_key: Any, rotate: Any) -> None:
    signed = secrets.sign("42", purpose="file", expires=None)
    rotate(OLD)
    assert secrets.verify(signed, purpose="file", at=NOON) == "42"
    rotate()
    with pytest.raises(secrets.BadSignature):
        secrets.verify(signed, purpose="file", at=NOON)
