from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.errors import NotFound, Refusal
from atrium.options import queries, registry
from atrium.options.actions import set_option, unset_option
from atrium.options.forms import OptionForm
from atrium.options.models import Setting
from atrium.options.registry import Option
from atrium.web.console import ConsoleAdmin


@admin.register(Setting)
class SettingAdmin(ConsoleAdmin):
    """Every option there is, changed or not; each is changed through its action alone."""

    kind = "option"
    order = 800

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        self._check_may(request)
        changed = queries.changed()
        groups: dict[str, list[dict[str, Any]]] = {}
        for option in registry.every_option().values():
            line = _line(option, changed.get(option.key))
            groups.setdefault(option.key.partition(".")[0], []).append(line)
        return self._page(request, "console/options.html", _("Options"), groups=groups)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        self._check_may(request)
        option = registry.option(object_id)
        if option.dangerous and (asked := cast(Any, self.admin_site).ask_again(request)):
            return asked
        if request.method == "POST":
            return self._change(request, option)
        started = "" if option.secret else queries.shown(option)
        return self._form(request, option, OptionForm(option=option, initial={"text": started}))

    def _change(self, request: HttpRequest, option: Option) -> HttpResponse:
        by, at = request.caller.audience, clock.now()  # type: ignore[attr-defined]
        if "unset" in request.POST:
            unset_option(key=option.key, by=by, at=at)
            return self._back(request, option)
        form = OptionForm(request.POST, option=option)
        if not form.is_valid():
            return self._form(request, option, form)
        try:
            set_option(key=option.key, text=form.cleaned_data["text"], by=by, at=at)
        except Refusal as refused:
            form.add_error("text", str(refused.detail))
            return self._form(request, option, form)
        return self._back(request, option)

    def _back(self, request: HttpRequest, option: Option) -> HttpResponse:
        said = _("{key} is changed, and in effect everywhere within 5 seconds.")
        messages.success(request, said.format(key=option.key))
        return HttpResponseRedirect(f"{reverse('admin:options_setting_changelist')}#{option.key}")

    def _form(self, request: HttpRequest, option: Option, form: OptionForm) -> HttpResponse:
        line = _line(option, queries.changed().get(option.key))
        return self._page(request, "console/option.html", option.key, form=form, **line)

    def _page(self, request: HttpRequest, template: str, title: str, **more: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        form = more.get("form")
        status = 422 if form is not None and form.errors else 200
        return TemplateResponse(request, template, {**context, **more}, status=status)

    def _check_may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise NotFound(_("There is nothing here, or it is not yours to see."))


def _line(option: Option, setting: Setting | None) -> dict[str, Any]:
    return {"option": option, "shown": queries.shown(option), "setting": setting}
