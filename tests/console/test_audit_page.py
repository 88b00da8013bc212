import csv
import io
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client

from atrium.audit.actions import note
from atrium.audit.models import AuditEntry
from atrium.people.models import User
from tests.console.conftest import Enter

pytestmark = pytest.mark.django_db
LIST = "/console/audit/auditentry/"
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def some() -> None:
    note("option.set", by="person:1", about=("option", "a.b"), detail={"new": "=1+1"}, at=AT)
    note("job.cancelled", by="=HYPERLINK(0)", about=("job", "7"), at=AT)
    note("job.run_again", by="person:2", about=("job", "7"), detail={"x": "<script>"}, at=AT)


def shown(client: Client, query: str = "") -> str:
    return client.get(f"{LIST}{query}").content.decode()


def exported(client: Client, query: str = "") -> list[list[str]]:
    answer = client.get(f"{LIST}audit.csv{query}")
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_an_empty_list_says_what_it_is_for(operator: Client) -> None:
    assert "Whatever somebody changes" in shown(operator)


def test_entries_are_searched_and_filtered(operator: Client) -> None:
    some()
    assert "job.cancelled" in shown(operator)
    assert "&lt;script&gt;" in shown(operator)
    found = shown(operator, "?q=person:2")
    assert "field-about" in found
    assert found.count("field-about") == 1
    assert shown(operator, "?action=option.set").count("field-about") == 1
    assert shown(operator, "?about_kind__exact=job&about_id__exact=7").count("field-about") == 2
    assert "Nothing fits" in shown(operator, "?q=nobody")


def test_an_entry_is_read_and_cannot_be_changed(operator: Client) -> None:
    some()
    page = shown(operator, "1/change/")
    assert "a.b" in page
    assert 'name="action"' not in page
    assert operator.post(f"{LIST}1/change/", {"action": "x"}).status_code == 403
    assert AuditEntry.objects.get(pk=1).action == "option.set"


def test_a_filter_that_does_not_exist_is_refused(operator: Client) -> None:
    assert operator.get(f"{LIST}audit.csv?trash=1").status_code == 400


def test_the_table_holds_no_formula_and_taking_it_is_noted(operator: Client) -> None:
    some()
    rows = exported(operator)
    assert len(rows) == 4
    assert rows[2][2] == "'=HYPERLINK(0)"
    assert not any(cell[:1] in {"=", "+", "@", "-"} for row in rows for cell in row)
    assert AuditEntry.objects.get(number=4).action == "audit.exported"
    assert len(exported(operator, "?action=option.set")) == 2


def test_a_table_too_large_is_refused_with_its_limit(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    some()
    monkeypatch.setattr("atrium.audit.admin.MOST_ROWS", 2)
    answer = operator.get(f"{LIST}audit.csv")
    assert answer.status_code == 413


def test_verify_says_that_all_is_true_or_what_is_not(operator: Client) -> None:
    some()
    said = operator.post(f"{LIST}verify/", follow=True).content.decode()
    assert "All 3 entries are as they were written." in said
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_auditentry_no_UPDATE")
        else:
            cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_auditentry SET action = 'x' WHERE number = 2")
        if connection.vendor != "sqlite":
            cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER USER")
    said = operator.post(f"{LIST}verify/", follow=True).content.decode()
    assert "Entry 2 was changed after it was written." in said


def test_only_administrators_read_and_take_it(support: User, enter: Enter) -> None:
    client = enter(support)
    for where in ("", "audit.csv", "1/change/"):
        assert client.get(f"{LIST}{where}").status_code in {302, 403, 404}, where
    assert client.post(f"{LIST}verify/").status_code == 404
