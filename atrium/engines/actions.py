from django.db import transaction

from atrium.engines.models import Model, Provider

_BUILT_IN = (
    {
        "slug": "reader",
        "title": "Reader",
        "quotes_only": True,
        "context_tokens": 65_536,
        "most_output_tokens": 1_024,
        "order": 1_000,
    },
)


@transaction.atomic
def offer_built_in() -> None:
    """Make sure that what is built in can be asked; what the operator changed of it stays."""
    provider, _new = Provider.objects.get_or_create(
        name="Built in", defaults={"kind": Provider.Kind.BUILT_IN, "order": 1_000}
    )
    for fields in _BUILT_IN:
        Model.objects.get_or_create(slug=fields["slug"], defaults={**fields, "provider": provider})
