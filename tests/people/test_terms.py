from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from atrium.audit.models import AuditEntry
from atrium.kit import clock as kit_clock
from atrium.people import terms
from atrium.people.actions.terms import (
    AlreadyPublished,
    NoSuchTerms,
    accept_terms,
    draft_terms,
    edit_draft,
    publish_terms,
)
from atrium.people.models import TermsAcceptance, TermsVersion, User
from tests import make


def published(text: str = "Be kind.", *, kind: str = "terms") -> TermsVersion:
    now = kit_clock.now()
    version = draft_terms(kind=kind, text=text, needs_acceptance=True, by="system", at=now)
    publish_terms(version=version, by="system", at=now)
    return version


@pytest.mark.django_db
def test_an_agreement_can_neither_be_changed_nor_removed(alice: User) -> None:
    version = published()
    assert accept_terms(person=alice, versions=[version.pk], at=kit_clock.now()) == 1
    assert accept_terms(person=alice, versions=[version.pk], at=kit_clock.now()) == 0

    for change in (
        lambda: TermsAcceptance.objects.update(region="elsewhere"),
        lambda: TermsAcceptance.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert TermsAcceptance.objects.count() == 1


@pytest.mark.django_db
def test_what_is_published_stays_as_people_read_it() -> None:
    version = published()
    told: dict[str, Any] = {
        "text": "Pay us.",
        "needs_acceptance": False,
        "by": "system",
        "at": kit_clock.now(),
    }

    with pytest.raises(AlreadyPublished):
        edit_draft(version=version, **told)
    publish_terms(version=version, by="console:root", at=kit_clock.now())

    version.refresh_from_db()
    assert (version.text, version.published_by) == ("Be kind.", "system")
    assert AuditEntry.objects.filter(action="terms.published").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "text"), [("terms", " "), ("terms", "x" * 200_001), ("law", "x")])
def test_a_text_nobody_could_agree_to_is_refused(kind: str, text: str) -> None:
    with pytest.raises(NoSuchTerms):
        draft_terms(kind=kind, text=text, needs_acceptance=True, by="system", at=kit_clock.now())


@pytest.mark.django_db
def test_only_what_is_in_force_can_be_agreed_to(alice: User) -> None:
    first, second = published(), published("Be kinder.")
    draft = draft_terms(
        kind="privacy", text="x", needs_acceptance=True, by="system", at=kit_clock.now()
    )

    accept_terms(person=alice, versions=[first.pk, draft.pk], at=kit_clock.now())

    assert not TermsAcceptance.objects.exists()
    assert terms.missing_for(alice) == [second]


@pytest.mark.django_db
def test_who_has_agreed_costs_no_question(alice: User) -> None:
    version = published()
    accept_terms(person=alice, versions=[version.pk], at=kit_clock.now())
    assert terms.missing_for(alice) == []

    with CaptureQueriesContext(connection) as asked:
        assert terms.missing_for(alice) == []

    assert len(asked) == 0


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_agreements_at_once_one_stands_and_one_draft_of_sixteen() -> None:
    version, alice = published(), make.person(username="alice")
    barrier = Barrier(16, timeout=60)

    def one(number: int) -> int:
        try:
            barrier.wait()
            now = kit_clock.now()
            draft_terms(
                kind="privacy", text=f"{number}", needs_acceptance=True, by="system", at=now
            )
            return accept_terms(person=alice, versions=[version.pk], at=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        agreed = list(pool.map(one, range(16)))

    assert sum(agreed) == TermsAcceptance.objects.count() == 1
    assert TermsVersion.objects.filter(kind="privacy").count() == 1
