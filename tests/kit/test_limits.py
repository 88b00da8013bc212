import ast
import dataclasses
import inspect
import itertools
from typing import Any

import pytest

from atrium.kit import limits
from atrium.kit.limits import LIMITS, Limits

pytestmark = pytest.mark.once


def test_every_limit_is_positive_and_says_what_it_bounds() -> None:
    table: Any = ast.parse(inspect.getsource(limits.Limits)).body[0]
    said = {
        one.target.id
        for one, after in itertools.pairwise(table.body)
        if isinstance(one, ast.AnnAssign)
        and isinstance(one.target, ast.Name)
        and isinstance(after, ast.Expr)
    }
    assert said == {field.name for field in dataclasses.fields(Limits)}
    assert all(value > 0 for value in dataclasses.asdict(LIMITS).values())


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        LIMITS.form_bytes = 1  # type: ignore[misc]


def test_smaller_things_fit_into_larger_ones() -> None:
    assert LIMITS.webhook_bytes < LIMITS.form_bytes < LIMITS.api_bytes < LIMITS.compat_bytes
    assert LIMITS.tus_chunk_bytes <= LIMITS.upload_bytes
    assert LIMITS.child_cpu_seconds < LIMITS.child_wall_seconds
    assert LIMITS.bell_bytes < 8_000
    assert LIMITS.signed_address_seconds <= 600
