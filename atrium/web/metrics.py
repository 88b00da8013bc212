"""Counters, gauges and histograms of this process, and their text for a scraper."""

import hmac
import logging
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping

from django.conf import settings

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
Labels = tuple[tuple[str, str], ...]
logger = logging.getLogger(__name__)
_lock = threading.Lock()
_metrics: dict[str, "_Metric"] = {}


class _Metric:
    kind = "untyped"

    def __init__(self, name: str, said: str) -> None:
        self.name = name
        self.said = said
        with _lock:
            _metrics[name] = self

    def lines(self) -> Iterator[str]:
        raise NotImplementedError


class Counter(_Metric):
    """How often something happened since the process started."""

    kind = "counter"

    def __init__(self, name: str, said: str) -> None:
        self._values: dict[Labels, float] = {}
        super().__init__(name, said)

    def add(self, amount: float = 1, **labels: str) -> None:
        key = tuple(sorted(labels.items()))
        with _lock:
            self._values[key] = self._values.get(key, 0) + amount

    def value(self, **labels: str) -> float:
        return self._values.get(tuple(sorted(labels.items())), 0)

    def lines(self) -> Iterator[str]:
        with _lock:
            found = sorted(self._values.items())
        for labels, value in found:
            yield f"{self.name}{_shown(labels)} {_number(value)}"


class Gauge(_Metric):
    """How much of something there is at the moment it is asked; by ``label``, a number for each."""

    kind = "gauge"

    def __init__(
        self, name: str, said: str, read: Callable[[], float | Mapping[str, float]], label: str = ""
    ) -> None:
        self._read = read
        self._label = label
        super().__init__(name, said)

    def lines(self) -> Iterator[str]:
        try:
            found = self._read()
        except Exception:  # the other numbers are wanted most when one cannot be had
            logger.exception("%s could not be measured", self.name)
            return
        if isinstance(found, Mapping):
            for value, number in sorted(found.items()):
                yield f"{self.name}{_shown(((self._label, value),))} {_number(number)}"
        else:
            yield f"{self.name} {_number(found)}"


class Histogram(_Metric):
    """How long something took, in buckets of seconds."""

    kind = "histogram"

    def __init__(self, name: str, said: str, bounds: Iterable[float] = SECONDS) -> None:
        self._bounds = tuple(bounds)
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}
        super().__init__(name, said)

    def see(self, seconds: float, **labels: str) -> None:
        key = tuple(sorted(labels.items()))
        with _lock:
            counts = self._counts.setdefault(key, [0] * (len(self._bounds) + 1))
            counts[bisect_left(self._bounds, seconds)] += 1
            self._sums[key] = self._sums.get(key, 0.0) + seconds

    def lines(self) -> Iterator[str]:
        with _lock:
            found = sorted((key, list(counts)) for key, counts in self._counts.items())
            sums = dict(self._sums)
        for labels, counts in found:
            running = 0
            for bound, count in zip((*map(_number, self._bounds), "+Inf"), counts, strict=True):
                running += count
                yield f"{self.name}_bucket{_shown((*labels, ('le', bound)))} {running}"
            yield f"{self.name}_sum{_shown(labels)} {_number(sums[labels])}"
            yield f"{self.name}_count{_shown(labels)} {running}"


def _shown(labels: Labels) -> str:
    escaped = (
        f'{name}="{value}"'
        for name, value in (
            (name, value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n"))
            for name, value in labels
        )
    )
    return f"{{{','.join(escaped)}}}" if labels else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def exposition() -> str:
    """Return everything measured, in the text format that scrapers read."""
    lines: list[str] = []
    with _lock:
        found = sorted(_metrics.values(), key=lambda metric: metric.name)
    for metric in found:
        lines += [f"# HELP {metric.name} {metric.said}", f"# TYPE {metric.name} {metric.kind}"]
        lines += metric.lines()
    return "\n".join(lines) + "\n"


def _configured_token() -> str:
    return str(getattr(settings, "METRICS_TOKEN", "") or "")


token: Callable[[], str] = _configured_token
"""Replaced by ``options``: the word that opens ``/metrics`` from elsewhere; empty for nobody."""


def token_is_right(authorization: str) -> bool:
    expected = token()
    given = authorization.removeprefix("Bearer ")
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


REQUESTS = Counter("atrium_requests_total", "Requests answered, by method and status.")
REQUEST_SECONDS = Histogram("atrium_request_seconds", "Seconds until the answer began, by method.")
REFUSED_BY_GUARD = Counter(
    "atrium_guard_refused_total", "Requests refused before Django, by reason."
)
FAULTS = Counter("atrium_faults_total", "Requests that ended in a fault.")
