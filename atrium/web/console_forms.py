"""Pages of the console on which something is made: a list with a button to a form."""

from typing import Any, ClassVar

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from atrium.kit.errors import NotFound, Refusal
from atrium.web.console import ConsoleAdmin, Text


class MakingAdmin(ConsoleAdmin):
    """A model in the console of which staff make new ones: ``make`` calls the action."""

    change_list_template = "console/making.html"
    make_form: ClassVar[type[Form]] = Form
    make_label: ClassVar[Text] = ""
    make_says: ClassVar[Text] = ""  # above the form

    def make(self, request: HttpRequest, told: dict[str, Any]) -> str | HttpResponse:
        """Do it, and return what to tell whoever did, or the page to show."""
        raise NotImplementedError

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the form begins with."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_new"
        view = self.admin_site.admin_view(self.new_view)
        return [path("new/", view, name=name), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        said = {"make_label": self.make_label, **(extra_context or {})}
        return super().changelist_view(request, said)

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for what is needed, and make it."""
        if not self.has_view_permission(request):
            raise NotFound(_("There is nothing here, or it is not yours to see."))
        if request.method != "POST":
            return self._ask_for(request, self.make_form(initial=self.initial(request)))
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self._ask_for(request, form)
        try:
            said = self.make(request, form.cleaned_data)
        except Refusal as refused:
            _mark(form, refused)
            return self._ask_for(request, form)
        if isinstance(said, HttpResponse):
            return said
        messages.success(request, said)
        model = f"{self.opts.app_label}_{self.opts.model_name}"
        return HttpResponseRedirect(reverse(f"admin:{model}_changelist"))

    def shown(self, request: HttpRequest, template: str, **more: Any) -> TemplateResponse:
        """Return a page of the console that shows ``more``."""
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        context |= {"title": self.make_label, "named": self.named}
        return TemplateResponse(request, template, {**context, **more})

    def _ask_for(self, request: HttpRequest, form: Form) -> HttpResponse:
        answer = self.shown(request, "console/new.html", form=form, says=self.make_says)
        answer.status_code = 422 if form.errors else 200
        return answer


def _mark(form: Form, refused: Refusal) -> None:
    named = {name: said for name, said in refused.fields.items() if name in form.fields}
    for name, said in named.items():
        form.add_error(name, said)
    if not named:
        form.add_error(None, str(refused.detail))
