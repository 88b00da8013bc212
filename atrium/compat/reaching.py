"""Which addresses an engine may be given to fetch by itself."""

from django.utils.translation import gettext as _

from atrium.compat import queries
from atrium.compat.asked import Asked
from atrium.compat.errors import NotWithThis
from atrium.engines.models import Model, Provider
from atrium.kit.http import leads_outside
from atrium.kit.offload import offload


class NotFetched(NotWithThis):
    """What answers for the model is not to fetch what strangers name."""

    code = "address_not_fetched"


async def insist_nothing_near_is_reached(wanted: Asked) -> None:
    """See that whoever may fetch an address of this call stands outside, as the address does.

    An engine on the operator's own network would fetch from there. Gemini takes as an address what
    the operator's account keeps at Google.

    :raises NotFetched: before anything is set aside
    """
    if not wanted.addresses:
        return
    for model in await offload(queries.who_may_answer, wanted.model):
        if not await _is_outside(model):
            raise NotFetched(
                _("%(model)s is not given addresses to fetch.") % {"model": model.title},
                way_on=_("Send the picture itself, as a data: address in base64."),
                fields={wanted.place: ""},
            )


async def _is_outside(model: Model) -> bool:
    kind = model.provider.kind
    if kind == Provider.Kind.BUILT_IN:
        return True  # it fetches nothing
    return kind != Provider.Kind.GEMINI and await leads_outside(model.provider.url)
