from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from atrium.engines.actions import offer_built_in
from atrium.files.models import File
from atrium.files.storage import path_of
from atrium.people.models import Guest, User
from tests import make
from tests.house.matrix.belongings import belongings_of
from tests.house.matrix.whose import fill, rows_of, texts_of, ways_to_owners


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> Path:
    """Keep files in a folder of this test alone, so that what is left over is its own."""
    settings.FILES_ROOT = tmp_path / "files"
    return tmp_path


@dataclass
class Marked:
    """Somebody whose every text holds a word of its own."""

    owner: User | Guest
    words: dict[str, str] = field(default_factory=dict)  # the word, and where it was planted

    def plant(self) -> None:
        for table, ways in ways_to_owners().items():
            if table._meta.proxy or table._meta.label in APPEND_ONLY:
                continue
            rows = rows_of(self.owner, table, ways)
            for column in texts_of(table):
                self._plant_in(rows, column, f"{table._meta.label}.{column.name}")
        kept = File.objects.filter(
            **{type(self.owner).__name__.lower().replace("user", "person"): self.owner.pk}
        )
        for file in kept:
            word = self._word("bytes")
            with path_of(file.storage_name).open("r+b") as opened:
                opened.write(word.encode())

    def _plant_in(self, rows: Any, column: Any, where: str) -> None:
        if not rows.exists() or where in NO_WORDS or column.name.split("_")[-1] == "by":
            return  # who did something is named by an audience
        word = self._word(where)
        if not fill(rows, column, word):
            del self.words[word]

    def _word(self, where: str) -> str:
        kind = "m" if isinstance(self.owner, User) else "g"
        word = f"{kind}{self.owner.pk.hex[-6:]}q{len(self.words):03}z"
        self.words[word] = where
        return word


APPEND_ONLY = {"audit.AuditEntry", "ledger.Entry", "ledger.Leg", "people.TermsAcceptance"}
# What the house and its gateways wrote of money, which the law wants kept: no person's words.
OF_MONEY = {
    f"payments.Payment.{name}"
    for name in (
        *("accepted", "gateway", "gateway_ref", "merchant", "needs_look", "purpose", "title"),
        *("transaction_ref", "why"),
    )
} | {"payments.PaymentReceipt.told", "plans.Subscription.gateway"}
NO_WORDS = {"ledger.Hold.asset", "people.Session.payload"} | OF_MONEY


@pytest.fixture
def alice_marked(db: None) -> Marked:
    """alice with one of everything, and a word of its own in every text of hers."""
    offer_built_in()
    alice = make.person(
        username="alice-quarrel",
        email="alice.quarrel@example.org",
        display_name="Alice Quarrel",
        password=make.PASSWORD,
    )
    return _marked(alice)


@pytest.fixture
def guest_marked(db: None) -> Marked:
    offer_built_in()
    return _marked(make.guest())


def _marked(owner: User | Guest) -> Marked:
    belongings_of(owner)
    marked = Marked(owner)
    marked.plant()
    return marked
