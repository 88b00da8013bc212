"""Between two tests that commit, every row goes, and what refuses goes on refusing."""

import pytest
from django.apps import apps
from django.db import Error
from django.db.models import Model

from atrium.audit.actions import note
from atrium.audit.models import AuditEntry
from atrium.kit import clock
from tests import make
from tests.house.between import KEPT, empty_tables

pytestmark = pytest.mark.django_db(transaction=True)


def left() -> set[str]:
    models = [
        model for model in apps.get_models() if model._meta.managed and not _is_planted(model)
    ]
    return {
        model._meta.db_table
        for model in models
        if model._meta.db_table not in KEPT and model._default_manager.exists()
    }


def _is_planted(model: type[Model]) -> bool:
    """Tests declare a few, whose tables come and go with them."""
    return model.__module__.startswith("tests.")


def test_rows_go_from_every_table_whatever_points_at_them() -> None:
    make.document(by=make.person(email="alice@example.org"))
    make.document(by=make.guest())
    note("test.done", by="system", at=clock.now())
    assert {"people_user", "sources_passage", "audit_auditentry"} <= left()

    empty_tables()

    assert left() == set()


def test_what_may_not_change_still_may_not() -> None:
    note("test.done", by="system", at=clock.now())
    empty_tables()
    note("test.done", by="system", at=clock.now())

    with pytest.raises(Error, match="append-only"):
        AuditEntry.objects.all().delete()
    assert AuditEntry.objects.count() == 1
