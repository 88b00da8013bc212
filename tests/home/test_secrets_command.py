import json
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from atrium.api.idempotency import PURPOSE
from atrium.api.models import IdempotentRequest
from atrium.audit.models import AuditEntry
from atrium.engines.models import Provider
from atrium.kit import clock, sealed
from atrium.kit.secrets import CannotUnseal, reseal, seal, unseal
from atrium.options import registry
from atrium.options.actions import set_option
from atrium.options.models import Setting
from atrium.options.registry import Kind, Option

pytestmark = pytest.mark.django_db
OLD, NEW = "an old key that is long enough to be one", "a new key that is long enough to be one!"


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    option = Option("test.secret", Kind.STRING, "", "A secret.", secret=True)
    monkeypatch.setitem(registry._declared, option.key, option)


@pytest.fixture
def _sealed_with_the_old_key(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    provider = Provider(name="Elsewhere", kind="openai", url="https://example.org")
    provider.sealed_key = seal("sk-1", provider.key_purpose)
    provider.save()
    set_option(key="test.secret", text="hunter2", by="system", at=clock.now())
    for number in range(5):
        now = clock.now()
        IdempotentRequest.objects.create(
            caller="person:1",
            key=str(number),
            sealed_answer=seal(f"answer {number}", PURPOSE) if number else "",
            made_at=now,
            expires_at=now,
        )


def rekey() -> tuple[dict[str, Any], int]:
    out, status = StringIO(), 0
    try:
        call_command("secrets", "rekey", "--json", stdout=out)
    except SystemExit as ended:
        status = int(str(ended.code))
    return json.loads(out.getvalue()), status


def resealed(told: dict[str, Any]) -> dict[str, int]:
    return {one["column"]: one["resealed"] for one in told["columns"]}


@pytest.mark.usefixtures("_sealed_with_the_old_key")
def test_after_rekeying_the_old_key_can_go(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "BATCH", 2)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]

    told, status = rekey()

    assert (told["ok"], status) == (True, 0)
    done = {"api.IdempotentRequest.sealed_answer": 4, "engines.Provider.sealed_key": 1}
    found = {column: number for column, number in resealed(told).items() if number}
    assert found == {**done, "options.Setting.text": 1}
    settings.SECRET_KEY_FALLBACKS = []
    provider = Provider.objects.get(name="Elsewhere")
    assert unseal(provider.sealed_key, provider.key_purpose) == "sk-1"
    assert unseal(Setting.objects.get().text, "option:test.secret") == "hunter2"
    answers = IdempotentRequest.objects.exclude(sealed_answer="")
    opened = {unseal(one.sealed_answer, PURPOSE) for one in answers}
    assert opened == {f"answer {number}" for number in range(1, 5)}
    assert AuditEntry.objects.filter(action="secrets.rekeyed").exists()
    assert set(resealed(rekey()[0]).values()) == {0}


@pytest.mark.usefixtures("_sealed_with_the_old_key")
def test_what_no_key_opens_is_named_and_left(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, []

    told, status = rekey()

    assert (told["ok"], status) == (False, 1)
    unopened = {one["column"]: one["unopened"] for one in told["columns"]}
    assert unopened["options.Setting.text"] == ["test.secret"]
    settings.SECRET_KEY = OLD
    assert unseal(Setting.objects.get().text, "option:test.secret") == "hunter2"


@pytest.mark.usefixtures("_sealed_with_the_old_key")
def test_what_is_written_meanwhile_wins_and_is_resealed(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    meanwhile = seal("hunter3", "option:test.secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]

    def interrupted(text: str, purpose: str = "") -> str:
        if purpose == "option:test.secret":
            Setting.objects.update(text=meanwhile)
            monkeypatch.setattr(sealed, "reseal", reseal)
        return reseal(text, purpose)

    monkeypatch.setattr(sealed, "reseal", interrupted)
    assert resealed(rekey()[0])["options.Setting.text"] == 1
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(Setting.objects.get().text, "option:test.secret") == "hunter3"


@pytest.mark.usefixtures("_sealed_with_the_old_key")
def test_a_secret_that_nobody_declares_any_more_is_kept_too(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    monkeypatch.delitem(registry._declared, "test.secret")
    Setting.objects.create(
        key="gone.word", text="plain", changed_by="system", changed_at=clock.now()
    )
    told, status = rekey()
    assert (resealed(told)["options.Setting.text"], status) == (1, 0)
    assert Setting.objects.get(key="gone.word").text == "plain"


@pytest.mark.once
def test_every_sealed_column_is_named() -> None:
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.Field) and field.name.startswith("sealed_")
    }
    assert found
    assert found <= {column.key for column in sealed.every_column()}


@pytest.mark.once
def test_a_key_of_one_provider_does_not_open_for_another() -> None:
    one, other = Provider(name="One"), Provider(name="Other")
    with pytest.raises(CannotUnseal):
        unseal(seal("sk-1", one.key_purpose), other.key_purpose)
