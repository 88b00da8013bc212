"""Which models a provider says it has."""

import asyncio
import json

from django.utils.translation import gettext as _

from atrium.engines.adapters.anthropic import VERSION
from atrium.engines.adapters.asking import broke_off, refusal_for
from atrium.engines.adapters.gemini import base_of as gemini_base_of
from atrium.engines.adapters.openai import base_of
from atrium.engines.protocol import EngineBusy
from atrium.kit.http import FetchFailed, FetchRefused
from atrium.kit.lines_out import asked, close


async def models_at(*, kind: str, url: str, key: str) -> list[str]:
    """Return the names of its models.

    :raises EngineTrouble: when it is not there, or does not accept the key
    """
    address, headers = _where(kind, url, key)
    try:
        async with asked(address, method="GET", headers=headers) as answering:
            if answering.status >= 300:
                raise refusal_for(answering.status, "")
            told = json.loads(await answering.whole())
    except (FetchFailed, FetchRefused):
        raise EngineBusy(_("The engine does not answer just now.")) from None
    except (ValueError, RecursionError):
        raise broke_off() from None
    finally:
        await close()
    rows = (told.get("data") or told.get("models") or []) if isinstance(told, dict) else []
    names = [row.get("id") or row.get("name") for row in rows if isinstance(row, dict)]
    return [name.removeprefix("models/") for name in names if isinstance(name, str)]


def models_now(*, kind: str, url: str, key: str) -> list[str]:
    """Return what :func:`models_at` does, for callers that stand on no event loop."""
    return asyncio.run(models_at(kind=kind, url=url, key=key))


def _where(kind: str, url: str, key: str) -> tuple[str, dict[str, str]]:
    if kind == "gemini":
        return f"{gemini_base_of(url)}/models?pageSize=1000", {"x-goog-api-key": key}
    base = base_of(url)
    if kind == "anthropic":
        return f"{base}/models?limit=1000", {"x-api-key": key, **VERSION}
    return f"{base}/models", {"Authorization": f"Bearer {key}"} if key else {}
