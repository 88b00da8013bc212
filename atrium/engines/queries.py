from atrium.engines.models import Capability, Cost, Model

_KINDS = (
    Capability.ANSWERS,
    Capability.EMBEDS,
    Capability.SPEAKS,
    Capability.TRANSCRIBES,
    Capability.DRAWS,
)


def default_model() -> Model:
    """Return the model that answers when nobody chose one: the first that is offered."""
    model = Model.objects.offered().that_answer().first()
    assert model is not None, "Reader is always there"
    return model


def model_named(slug: str) -> Model | None:
    """Return the model of this name, or the first of those that share it."""
    offered = Model.objects.offered().that_answer()
    return offered.filter(slug=slug).first() or (
        offered.filter(alias=slug).first() if slug else None
    )


def somebody_sees() -> bool:
    """Tell whether any model that answers takes pictures."""
    return Model.objects.offered().that_answer().that_can(Capability.PICTURES_IN).exists()


def somebody_writes() -> bool:
    """Tell whether anything answers beside Reader, which is given questions and passages."""
    return Model.objects.offered().that_answer().filter(quotes_only=False).exists()


def stand_ins_of(model: Model) -> list[Model]:
    """Return the other models of its alias, in the order in which they are asked."""
    if not model.alias:
        return []
    others = Model.objects.offered().filter(alias=model.alias).exclude(pk=model.pk)
    return list(others.filter(**{one.value: model.can(one) for one in _KINDS}))


def cost_of(model: Model) -> Cost | None:
    """Return what the provider asks of the house for the model now, where that was written down."""
    return Cost.objects.filter(model=model).order_by("since").last()
