from atrium.engines.models import Model


def default_model() -> Model:
    """Return the model that answers when nobody chose one: the first that is offered."""
    model = Model.objects.offered().that_answer().first()
    assert model is not None, "Reader is always there"
    return model


def model_named(slug: str) -> Model | None:
    return Model.objects.offered().that_answer().filter(slug=slug).first()
