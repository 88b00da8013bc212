from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.plans.actions.packages import add_package, change_package, sell_package
from atrium.plans.models import Package
from atrium.plans.sale_forms import NewPackageForm, PackageForm, content_of
from atrium.web.console import button
from atrium.web.console_forms import MakingAdmin
from atrium.web.templatetags.ui import chip


@admin.register(Package)
class PackageAdmin(MakingAdmin):
    """So many credits for so much money."""

    title = gettext_lazy("Packages of credits")
    order = 322
    areas = ("finance",)
    buttons = ("change", "sell", "withdraw")
    make_form = NewPackageForm
    make_label = gettext_lazy("Make a package")
    make_says = gettext_lazy("It is sold from then on, where a gateway takes its currency.")
    list_display = ("name", "held", "shown_price", "currency", "order", "state")
    list_filter = ("currency", "is_sold")
    ordering = ("currency", "order")
    fields = ("id", "name", "held", "shown_price", "order", "state")
    empty_says = gettext_lazy("What people can buy, beside free amounts of dollars.")

    def _by(self, request: HttpRequest) -> str:
        by: str = request.caller.audience  # type: ignore[attr-defined]
        return by

    @admin.display(description=gettext_lazy("credits"), ordering="credits")
    def held(self, package: Package) -> str:
        return package.credits_shown

    @admin.display(description=gettext_lazy("price"), ordering="price_minor")
    def shown_price(self, package: Package) -> str:
        return str(package.price)

    @admin.display(description=gettext_lazy("state"), ordering="is_sold")
    def state(self, package: Package) -> SafeString:
        return chip(_("on sale"), "ok") if package.is_sold else chip(_("not sold"))

    def make(self, request: HttpRequest, told: dict[str, Any]) -> str:
        add_package(content=told["content"], by=self._by(request), at=clock.now())
        return _("The package is on sale.")

    @button(gettext_lazy("Change"), form=PackageForm, initial=content_of, again=True)
    def change(self, request: HttpRequest, package: Package, told: dict[str, Any]) -> str:
        content, by = told["content"], self._by(request)
        change_package(package=package, content=content, by=by, at=clock.now())
        return _("The package is changed. What was opened before stays as it was.")

    @button(
        gettext_lazy("Put on sale"),
        confirm=gettext_lazy("Everybody can buy it then."),
        when=lambda package: not package.is_sold,
    )
    def sell(self, request: HttpRequest, package: Package, told: dict[str, Any]) -> str:
        sell_package(package=package, is_sold=True, by=self._by(request), at=clock.now())
        return _("The package is on sale.")

    @button(
        gettext_lazy("Take off sale"),
        confirm=gettext_lazy("Nobody can buy it any more. What was bought stays."),
        danger=True,
        when=lambda package: package.is_sold,
    )
    def withdraw(self, request: HttpRequest, package: Package, told: dict[str, Any]) -> str:
        sell_package(package=package, is_sold=False, by=self._by(request), at=clock.now())
        return _("The package is no longer offered.")
