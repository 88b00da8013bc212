from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.people.actions.terms import draft_terms, edit_draft, publish_terms
from atrium.people.joining_forms import DraftForm, TermsForm
from atrium.people.models import TermsVersion
from atrium.web.console import button
from atrium.web.console_forms import MakingAdmin
from atrium.web.markdown import render
from atrium.web.templatetags.ui import ago, chip


@admin.register(TermsVersion)
class TermsVersionAdmin(MakingAdmin):
    """What people agree to: drafts, and every version that was in force."""

    title = gettext_lazy("Terms")
    order = 108
    buttons = ("edit", "publish")
    make_form = TermsForm
    make_label = gettext_lazy("Write the next version")
    make_says = gettext_lazy("A draft, which nobody sees until you publish it.")
    list_display = ("__str__", "state", "since", "needs", "agreed")
    list_filter = ("kind",)
    ordering = ("kind", "-number")
    fields = ("kind", "number", "state", "needs", "since", "author", "agreed", "shown_text")
    empty_says = gettext_lazy(
        "Terms of use and a privacy notice. Once published, they stand at the foot of the pages"
        " that strangers see, and whoever makes an account agrees to them."
    )

    @admin.display(description=gettext_lazy("state"))
    def state(self, version: TermsVersion) -> SafeString:
        return chip(_("published"), "ok") if version.published_at else chip(_("draft"))

    @admin.display(description=gettext_lazy("since"), ordering="published_at")
    def since(self, version: TermsVersion) -> SafeString:
        return ago(version.published_at)

    @admin.display(description=gettext_lazy("to be agreed to"))
    def needs(self, version: TermsVersion) -> str:
        return _("Yes") if version.needs_acceptance else _("No")

    @admin.display(description=gettext_lazy("published by"))
    def author(self, version: TermsVersion) -> str:
        return self.who(version.published_by) or "—"

    @admin.display(description=gettext_lazy("agreed"))
    def agreed(self, version: TermsVersion) -> int:
        return version.acceptances.count()

    @admin.display(description=gettext_lazy("text"))
    def shown_text(self, version: TermsVersion) -> SafeString:
        return render(version.text)

    def make(self, request: HttpRequest, told: dict[str, Any]) -> str:
        draft_terms(**told, by=request.caller.audience, at=clock.now())  # type: ignore[attr-defined]
        return _("The draft is kept.")

    @button(
        gettext_lazy("Change the draft"),
        form=DraftForm,
        initial=lambda one: {"text": one.text, "needs_acceptance": one.needs_acceptance},
        when=lambda one: one.published_at is None,
    )
    def edit(self, request: HttpRequest, version: TermsVersion, told: dict[str, Any]) -> str:
        by: str = request.caller.audience  # type: ignore[attr-defined]
        edit_draft(version=version, **told, by=by, at=clock.now())
        return _("The draft is kept.")

    @button(
        gettext_lazy("Publish"),
        confirm=gettext_lazy(
            "From now on it is in force and stays as it is. If members have to agree, each is"
            " asked before they go on."
        ),
        when=lambda one: one.published_at is None,
    )
    def publish(self, request: HttpRequest, version: TermsVersion, told: dict[str, Any]) -> str:
        publish_terms(version=version, by=request.caller.audience, at=clock.now())  # type: ignore[attr-defined]
        return _("It is in force.")
