import pytest

from atrium.people.agents import short_name

pytestmark = pytest.mark.once
MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            f"{MOZILLA} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox · Linux",
        ),
        (f"{MOZILLA} (Windows NT 10.0) {WEBKIT} Chrome/142.0 Safari/537.36", "Chrome · Windows"),
        (f"{MOZILLA} (Windows NT 10.0) {WEBKIT} Chrome/142 Safari/537 Edg/142", "Edge · Windows"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 15_0) {WEBKIT} Safari/605.1", "Safari · macOS"),
        (f"{MOZILLA} (Linux; Android 16) {WEBKIT} Chrome/142.0 Mobile", "Chrome · Android"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1", "Safari · iPhone"),
        ("my own script", "my own script"),
        ("", ""),
    ],
)
def test_a_browser_is_named_shortly(agent: str, name: str) -> None:
    assert short_name(agent) == name
