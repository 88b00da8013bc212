"""How this process tells what it does: readable lines at home, JSON in production, no secret."""

import json
import logging
import logging.config
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

HIDDEN = "[hidden]"
_NAMES = (
    r"pass(?:word|wd|phrase)?|secret|token|api[-_]?key|authori[sz]ation|cookie|session(?:id)?|csrf\w*"
    r"|signature|credential\w*|private[-_]?key"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"atr_([a-z]{1,12})_[0-9A-Za-z]{8,80}"), r"atr_\1_" + HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic|token)\s+[\w.~+/=-]{8,4096}"), r"\1 " + HIDDEN),
    (re.compile(r"\b(?:sk|pk|rk|whsec)[-_][\w-]{8,256}"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,2048}\.[\w-]{2,4096}\.[\w-]{2,1024}"), HIDDEN),
    (re.compile(r"(://[^/\s:@]{0,80}):[^/\s@]{1,200}@"), r"\1:" + HIDDEN + "@"),
    (
        re.compile(
            rf"(?i)([\"']?\b[\w-]{{0,40}}(?:{_NAMES})(?:[_-]\w{{0,20}})?[\"']?\s{{0,3}}[=:]\s{{0,3}})(\"[^\"]{{0,4096}}\"|'[^']{{0,4096}}'|[^\s,;&}}\)]{{1,4096}})"
        ),
        r"\1" + HIDDEN,
    ),
)
_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "request",
    "taskName",
    "color_message",
}
_SECRET_NAME = re.compile(rf"(?i)(?:{_NAMES})")


def scrub(text: str) -> str:
    """Return ``text`` without anything that looks like a secret."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    return {
        name: HIDDEN if _SECRET_NAME.fullmatch(name) else _plain(value)
        for name, value in record.__dict__.items()
        if name not in _OWN and not name.startswith("_")
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub(str(value))[:2000]


def _trace(record: logging.LogRecord) -> str:
    # Frames without their variables: a traceback must not carry what a form held.
    if not record.exc_info or record.exc_info[1] is None:
        return ""
    return scrub("".join(traceback.format_exception(record.exc_info[1])))


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": scrub(record.getMessage()),
            **_extras(record),
        }
        trace = _trace(record)
        if trace:
            line["trace"] = trace
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """One readable line, with a trace beneath where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        extras = " ".join(f"{name}={value}" for name, value in _extras(record).items())
        line = f"{when} {record.levelname.lower():7} {record.name}: {scrub(record.getMessage())}"
        line = f"{line} {extras}".rstrip().replace("\n", "\n    ")
        trace = _trace(record)
        return f"{line}\n{trace}".rstrip()


class _Foreseen(logging.Filter):
    """Drop Django's own line about a status; refusals are no news and faults are told by us."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) is None


def configure(config: dict[str, Any]) -> None:
    """Set logging up; Django calls it with ``settings.LOGGING``."""
    production = bool(config.get("production"))
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": JsonLines if production else PlainLines}},
            "filters": {"foreseen": {"()": _Foreseen}},
            "handlers": {
                "out": {
                    "class": "logging.StreamHandler",
                    "stream": sys.stderr,
                    "formatter": "line",
                }
            },
            "root": {"handlers": ["out"], "level": "INFO"},
            "loggers": {
                "django.request": {"filters": ["foreseen"]},
                "django.security": {"level": "ERROR"},
                "uvicorn": {"handlers": [], "propagate": True, "level": "INFO"},
                "uvicorn.access": {"handlers": [], "propagate": True, "level": "WARNING"},
                "uvicorn.error": {"level": "INFO"},
                "asyncio": {"level": "WARNING"},
                "fontTools": {"level": "WARNING"},
            },
        }
    )
