from pathlib import Path

import pytest

from atrium.kit.boot import Misconfigured, has_sandbox, public_address, secret_keys

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", "http://localhost:8123"),
        ("https://atrium.example", "https://atrium.example"),
        ("https://atrium.example:8443/", "https://atrium.example:8443"),
        ("http://192.0.2.7:8000", "http://192.0.2.7:8000"),
    ],
)
def test_at_home_any_address_of_a_house_will_do(given: str, kept: str) -> None:
    assert public_address(given=given, port=8123, mode="development") == kept


@pytest.mark.parametrize("mode", ["development", "production"])
@pytest.mark.parametrize(
    "given",
    [
        "atrium.example",
        "ftp://atrium.example",
        "https://",
        "https://atrium.example/below",
        "https://atrium.example?x",
        "https://somebody@atrium.example",
    ],
)
def test_what_is_no_address_does_not_boot(given: str, mode: str) -> None:
    with pytest.raises(Misconfigured, match="ATRIUM_PUBLIC_URL"):
        public_address(given=given, port=8000, mode=mode)


@pytest.mark.parametrize("given", ["", "http://atrium.example", "http://localhost.example"])
def test_production_wants_an_address_that_is_safe_to_come_to(given: str) -> None:
    with pytest.raises(Misconfigured, match="ATRIUM_PUBLIC_URL"):
        public_address(given=given, port=8000, mode="production")


@pytest.mark.parametrize("given", ["https://atrium.example", "http://localhost:8000"])
def test_production_boots_with_one(given: str) -> None:
    assert public_address(given=given, port=8000, mode="production") == given


@pytest.mark.parametrize("given", ["", "  , ", "short", f"{'x' * 40},short"])
def test_production_makes_up_no_key_and_trusts_no_short_one(given: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="ATRIUM_SECRET_KEY"):
        secret_keys(given=given, keep_in=tmp_path / "secret", mode="production")

    assert not (tmp_path / "secret").exists()


def test_at_home_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    keep_in = tmp_path / "keys" / "secret"

    first = secret_keys(given="", keep_in=keep_in, mode="development")

    assert secret_keys(given="", keep_in=keep_in, mode="development") == first
    assert keep_in.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "mode", "there"),
    [
        ("auto", "development", True),
        ("on", "development", True),
        ("off", "development", False),
        ("auto", "production", False),
        ("off", "production", False),
    ],
)
def test_where_nobody_pays_money_there_may_be_a_sandbox(
    given: str,
    mode: str,
    there: bool,  # noqa: FBT001
) -> None:
    assert has_sandbox(given=given, mode=mode) == there


def test_production_does_not_boot_with_a_sandbox() -> None:
    with pytest.raises(Misconfigured, match="ATRIUM_SANDBOX"):
        has_sandbox(given="on", mode="production")
