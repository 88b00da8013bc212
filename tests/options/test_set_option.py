import threading
from collections import Counter
from datetime import UTC, datetime

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, transaction

from atrium.audit.models import AuditEntry
from atrium.audit.queries import about, verify
from atrium.options import queries
from atrium.options.actions import ChangedMeanwhile, set_option, unset_option
from atrium.options.models import Setting
from atrium.options.queries import value, value_soon
from atrium.options.registry import BadValue, UnknownOption

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def put(key: str, text: str, by: str = "system") -> None:
    set_option(key=key, text=text, by=by, at=AT)


@pytest.mark.django_db
def test_an_option_says_its_default_until_somebody_changes_it() -> None:
    assert value("test.number") == 5
    put("test.number", " 7 ", by="person:1")
    assert value("test.number") == 7
    setting = Setting.objects.get()
    assert (setting.key, setting.text, setting.changed_by) == ("test.number", "7", "person:1")
    assert setting.changed_at == AT


@pytest.mark.django_db
def test_a_change_is_audited_from_old_to_new() -> None:
    put("test.number", "7", by="person:1")
    put("test.number", "8")
    unset_option(key="test.number", by="system", at=AT)
    assert [(entry.action, entry.detail) for entry in about("option", "test.number")] == [
        ("option.unset", {"old": "8", "new": "5"}),
        ("option.set", {"old": "7", "new": "8"}),
        ("option.set", {"old": "5", "new": "7"}),
    ]
    assert value("test.number") == 5
    assert not Setting.objects.exists()


@pytest.mark.django_db
def test_setting_what_is_already_so_changes_and_audits_nothing() -> None:
    put("test.number", "7")
    put("test.number", "07")
    unset_option(key="test.words", by="system", at=AT)
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_a_bad_value_changes_nothing() -> None:
    for text in ("abc", "0", "11", "१२"):
        with pytest.raises(BadValue):
            put("test.number", text)
    with pytest.raises(UnknownOption):
        put("test.nothing", "1")
    assert value("test.number") == 5
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_secret_is_sealed_and_never_shown_again() -> None:
    put("test.secret", "hunter2")
    assert value("test.secret") == "hunter2"
    assert "hunter2" not in Setting.objects.get().text
    assert [entry.detail for entry in AuditEntry.objects.all()] == [{"secret": True}]
    option = set_option(key="test.secret", text="hunter2", by="system", at=AT)
    assert AuditEntry.objects.count() == 1
    assert queries.shown(option) == "••••••"


@pytest.mark.django_db
def test_a_row_that_no_longer_fits_its_option_leaves_the_default() -> None:
    Setting.objects.create(key="test.number", text="999", changed_by="system", changed_at=AT)
    Setting.objects.create(key="test.secret", text="999", changed_by="system", changed_at=AT)
    Setting.objects.create(key="of.another.release", text="1", changed_by="system", changed_at=AT)
    assert (value("test.number"), value("test.secret")) == (5, "")


@pytest.mark.django_db
def test_all_options_together_cost_one_query(django_assert_num_queries: object) -> None:
    put("test.number", "7")
    with django_assert_num_queries(1):  # type: ignore[operator]
        for _ in range(50):
            assert (value("test.number"), value("test.words")) == (7, "as it was")


@pytest.mark.django_db
def test_another_process_sees_a_change_after_a_few_seconds_without_any_bell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert value("test.number") == 5
    # Written past this process, as another one does.
    Setting.objects.create(key="test.number", text="7", changed_by="system", changed_at=AT)
    assert value("test.number") == 5
    assert queries.FRESH_SECONDS < 5
    monkeypatch.setattr(queries, "FRESH_SECONDS", 0.0)
    assert value("test.number") == 7


@pytest.mark.django_db
def test_code_on_an_event_loop_can_ask_too() -> None:
    put("test.number", "7")

    async def ask() -> tuple[int, int]:
        return await value_soon("test.number"), value("test.number")

    assert async_to_sync(ask)() == (7, 7)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_said() -> None:
    with transaction.atomic():
        put("test.number", "7")
        transaction.set_rollback(True)
    assert value("test.number") == 5
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_change_an_option_at_once_each_is_heard_or_told() -> None:
    start = threading.Barrier(8)
    said: Counter[str] = Counter()

    def change(text: str) -> None:
        start.wait()
        try:
            put("test.words", text, by=f"system{text}")
            said["heard"] += 1
        except ChangedMeanwhile:
            said["told"] += 1
        finally:
            connection.close()

    running = [threading.Thread(target=change, args=(str(n),)) for n in range(8)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    entries = list(AuditEntry.objects.order_by("number"))
    assert said["heard"] + said["told"] == 8
    assert said["heard"] == len(entries) >= 1
    # Each entry begins where the one before it ended: nobody's change was lost unseen.
    olds = [entry.detail["old"] for entry in entries]
    news = [entry.detail["new"] for entry in entries]
    assert olds == ["as it was", *news[:-1]]
    assert value("test.words") == news[-1]
    assert verify().is_true
