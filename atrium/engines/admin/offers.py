from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.engines.actions import change_model
from atrium.engines.console_forms import ModelForm, can_of, terms_in, terms_of, tiers
from atrium.engines.models import Model
from atrium.engines.prices import as_written
from atrium.engines.queries import cost_of
from atrium.kit import clock
from atrium.web.console import ConsoleAdmin, button
from atrium.web.templatetags.ui import chip


@admin.register(Model)
class ModelPages(ConsoleAdmin):
    """What can be asked, what it can do and costs, and for whom."""

    kind = "model"
    title = gettext_lazy("Models")
    order = 181
    buttons = ("change",)
    list_display = ("title", "slug", "provider", "offered", "abilities", "costs", "order")
    list_filter = ("enabled",)
    search_fields = ("title", "slug")
    fields = (
        "title",
        "slug",
        "alias",
        "provider",
        "remote_name",
        "offered",
        "abilities",
        "costs",
        "extra_costs",
        "asked_of_us",
        "price_version",
        "for_whom",
        "context_tokens",
        "most_output_tokens",
        "order",
    )
    empty_says = gettext_lazy("Models stand here as soon as an engine is connected.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return Model.objects.select_related("provider").order_by("order", "slug")

    @button(gettext_lazy("Change"), form=ModelForm, again=True, initial=terms_of)
    def change(self, request: HttpRequest, model: Model, told: dict[str, Any]) -> str:
        by = request.caller.audience  # type: ignore[attr-defined]
        change_model(model=model, terms=terms_in(told), by=by, at=clock.now())
        return _("Saved.")

    @admin.display(description=gettext_lazy("is offered"))
    def offered(self, model: Model) -> SafeString:
        is_offered = model.enabled and model.provider.enabled
        return chip(_("Yes"), "ok") if is_offered else chip(_("No"))

    @admin.display(description=gettext_lazy("what it can do"))
    def abilities(self, model: Model) -> str:
        return ", ".join(can_of(model))

    @admin.display(description=gettext_lazy("credits per million tokens, read and written"))
    def costs(self, model: Model) -> str:
        return f"{as_written(model.input_price)} / {as_written(model.output_price)}"

    @admin.display(description=gettext_lazy("credits for a picture and a minute of sound"))
    def extra_costs(self, model: Model) -> str:
        return f"{as_written(model.image_price)} / {as_written(model.minute_price)}"

    @admin.display(description=gettext_lazy("dollars you pay per million tokens, read and written"))
    def asked_of_us(self, model: Model) -> str:
        cost = cost_of(model)
        return f"{as_written(cost.read)} / {as_written(cost.written)}" if cost else "–"

    @admin.display(description=gettext_lazy("for whom"))
    def for_whom(self, model: Model) -> str:
        return dict(tiers())[model.lowest_tier]
