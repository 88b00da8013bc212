import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, models
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from atrium.kit.limits import LIMITS
from atrium.kit.paging import BadCursor, _mark, page_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORDERS = [
    ("id",),
    ("-id",),
    ("at", "id"),
    ("-at", "-id"),
    ("-at", "id"),
    ("word", "-at", "id"),
    ("-rank", "word", "-at", "-id"),
]


class Leaf(models.Model):
    objects: Any = models.Manager()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    at = models.DateTimeField()
    rank = models.IntegerField()
    word = models.CharField(max_length=20)

    class Meta:
        app_label = "contenttypes"
        db_table = "kit_leaf"

    def __str__(self) -> str:
        return str(self.id)


@pytest.fixture
def leaves(db: Any) -> Any:
    kinds = [f"{field.column} {field.db_type(connection)}" for field in Leaf._meta.fields]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE kit_leaf ({', '.join(kinds)})")
    yield Leaf.objects
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kit_leaf")


def grow(ranks: Any) -> Any:
    return Leaf.objects.bulk_create(
        [
            Leaf(at=NOON + timedelta(microseconds=at), rank=rank, word=word)
            for at, rank, word in ranks
        ]
    )


TIES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-1, 1), st.sampled_from(["", "a", "ї", "'x'"])),
    max_size=25,
)


@how(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(TIES, st.sampled_from(ORDERS), st.integers(1, 7))
def test_no_row_comes_twice_or_is_missed_under_ties(
    leaves: Any, ranks: Any, order: Any, size: Any
) -> None:
    leaves.all().delete()
    grow(ranks)
    seen, mark = [], None
    while True:
        page = page_of(leaves.all(), after=mark, size=size, order=order)
        assert len(page.items) <= size
        seen += [leaf.id for leaf in page.items]
        mark = page.next
        if mark is None:
            break
        assert len(page.items) == size
    assert seen == list(leaves.order_by(*order).values_list("id", flat=True))


def test_rows_that_come_and_go_move_no_other_row(leaves: Any) -> None:
    grow([(number, 0, "") for number in range(10)])
    order = ("-at", "-id")
    first = page_of(leaves.all(), after=None, size=4, order=order)
    rest = [leaf.id for leaf in leaves.order_by(*order)][4:]
    first.items[-1].delete()
    grow([(100, 0, "new")])
    second = page_of(leaves.all(), after=first.next, size=50, order=order)
    assert [leaf.id for leaf in second.items] == rest
    assert second.next is None


def test_a_page_keeps_what_the_list_was_narrowed_to(leaves: Any) -> None:
    grow([(number, number % 2, "") for number in range(10)])
    odd = leaves.filter(rank=1)
    first = page_of(odd, after=None, size=3, order=("at", "id"))
    second = page_of(odd, after=first.next, size=3, order=("at", "id"))
    assert [leaf.rank for leaf in first.items + second.items] == [1] * 5


def test_a_mark_that_is_not_ours_or_of_another_order_is_refused(leaves: Any) -> None:
    grow([(number, 0, "") for number in range(3)])
    mark = page_of(leaves.all(), after=None, size=1, order=("at", "id")).next
    assert mark
    for bad in ("x", mark[:-2], mark + "x", "é", "a.b.c", "x" * (LIMITS.cursor_characters + 1)):
        with pytest.raises(BadCursor):
            page_of(leaves.all(), after=bad, size=1, order=("at", "id"))
    with pytest.raises(BadCursor):
        page_of(leaves.all(), after=mark, size=1, order=("-at", "-id"))


def test_the_size_of_a_page_has_bounds(leaves: Any) -> None:
    grow([(number, 0, "") for number in range(LIMITS.page_items_most + 2)])
    assert len(page_of(leaves.all(), after=None, size=0, order=("id",)).items) == 1
    most = page_of(leaves.all(), after=None, size=10**9, order=("id",))
    assert len(most.items) == LIMITS.page_items_most


def test_a_list_cannot_be_put_in_order_by_nothing(leaves: Any) -> None:
    class Unknown:
        at = None

    with pytest.raises(TypeError, match="put in order"):
        _mark(Unknown(), ("at",))
