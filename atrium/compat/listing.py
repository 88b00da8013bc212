"""``GET /v1/models`` and one of them."""

from django.utils.translation import gettext as _

from atrium.compat import queries
from atrium.compat.errors import NoSuchModel
from atrium.compat.exchange import Exchange
from atrium.kit.offload import offload


async def models(exchange: Exchange) -> None:
    found = await offload(queries.models_as_openai)
    await exchange.answer_json({"object": "list", "data": found})


async def model(exchange: Exchange) -> None:
    slug = exchange.scope["path"].removeprefix("/v1/models/")
    found = await offload(queries.model_as_openai, slug)
    if found is None:
        said = _("There is no model called %(name)s.") % {"name": slug}
        raise NoSuchModel(said, fields={"model": ""})
    await exchange.answer_json(found)
