from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.files.sizes import amount
from atrium.jobs.models import Job
from atrium.kit import clock
from atrium.privacy import actions
from atrium.privacy.models import Erasure, Export, Holder
from atrium.web.console import ConsoleAdmin, Tile, button, register_tiles
from atrium.web.templatetags.ui import ago, chip

_KIND_OF_STATE = {"failed": "danger", "ready": "ok", "done": "ok", "erasing": "danger"}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("The person reads it. Write no names into it."),
    )


@admin.register(Holder)
class HolderAdmin(ConsoleAdmin):
    kind = "person"
    title = gettext_lazy("People’s data")
    order = 140
    buttons = ("break_glass", "erase", "keep")
    list_display = ("username", "joined", "leaves_at", "erased_at")
    list_filter = (
        ("leaves_at", admin.EmptyFieldListFilter),
        ("erased_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("username",)
    ordering = ("-joined_at",)
    fields = ("id", "username", "joined_at", "leaves_at", "erased_at")

    @admin.display(description=gettext_lazy("joined"), ordering="joined_at")
    def joined(self, person: Holder) -> SafeString:
        return ago(person.joined_at)

    @button(
        gettext_lazy("Copy their data"),
        form=ReasonForm,
        confirm=gettext_lazy(
            "The copy holds everything that is theirs, private chats too. The reason is kept in the"
            " audit list, and the person is told at once."
        ),
        danger=True,
        again=True,
        when=lambda person: person.erased_at is None,
    )
    def break_glass(self, request: HttpRequest, person: Holder, told: dict[str, Any]) -> str:
        by = request.caller.audience  # type: ignore[attr-defined]
        actions.break_glass(person=person, reason=told["reason"], by=by, at=clock.now())
        return _("The copy is being made; you find it among the exports. The person is told.")

    @button(
        gettext_lazy("Erase the account"),
        form=ReasonForm,
        confirm=gettext_lazy("The person is told, and can keep the account while time is left."),
        danger=True,
        again=True,
        when=lambda person: person.leaves_at is None and person.erased_at is None,
    )
    def erase(self, request: HttpRequest, person: Holder, told: dict[str, Any]) -> str:
        by = request.caller.audience  # type: ignore[attr-defined]
        actions.ask_erasure(person=person, by=by, reason=told["reason"], at=clock.now())
        return _("The account will be erased when its time is over.")

    @button(
        gettext_lazy("Keep the account"),
        when=lambda person: person.leaves_at is not None and person.erased_at is None,
    )
    def keep(self, request: HttpRequest, person: Holder, told: dict[str, Any]) -> str:
        by = request.caller.audience  # type: ignore[attr-defined]
        actions.keep_account(person=person, by=by, at=clock.now())
        return _("The account stays.")


@admin.register(Export)
class ExportAdmin(ConsoleAdmin):
    title = gettext_lazy("Exports")
    order = 150
    buttons = ("make_again", "call_off")
    list_display = ("asked", "whose", "by_whom", "shown_state", "shown_size", "expires_at")
    list_filter = ("state",)
    ordering = ("-asked_at",)
    fields = (
        *("id", "whose", "by_whom", "reason", "asked_at", "shown_state", "failure"),
        *("shown_size", "ready_at", "expires_at", "download"),
    )
    empty_says = gettext_lazy("Copies that people ask for of their data are listed here.")

    @admin.display(description=gettext_lazy("asked"), ordering="asked_at")
    def asked(self, export: Export) -> SafeString:
        return ago(export.asked_at)

    @admin.display(description=gettext_lazy("whose"))
    def whose(self, export: Export) -> str:
        return self.who(export.audience)

    @admin.display(description=gettext_lazy("asked by"))
    def by_whom(self, export: Export) -> str:
        return self.who(export.asked_by)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, export: Export) -> SafeString:
        return chip(Export.State(export.state).label, _KIND_OF_STATE.get(export.state, ""))

    @admin.display(description=gettext_lazy("size"), ordering="size")
    def shown_size(self, export: Export) -> str:
        return amount(export.size) if export.size else "—"

    @admin.display(description=gettext_lazy("download"))
    def download(self, export: Export) -> SafeString | str:
        """Offered for broken glass alone; the page behind it asks whose it is."""
        if export.state != Export.State.READY or not export.is_broken_glass:
            return "—"
        url = reverse("privacy:content", args=[export.pk])
        return format_html('<a href="{}" download>{}</a>', url, _("Download"))

    @button(
        gettext_lazy("Try again"),
        audit="export.made_again",
        when=lambda export: export.state == Export.State.FAILED,
    )
    def make_again(self, request: HttpRequest, export: Export, told: dict[str, Any]) -> str:
        actions.make_again(export=export, at=clock.now())
        return _("It is being made again.")

    @button(
        gettext_lazy("Cancel"),
        audit="export.called_off",
        confirm=gettext_lazy("Nothing of the copy is kept."),
        danger=True,
        when=lambda export: export.state == Export.State.MAKING,
    )
    def call_off(self, request: HttpRequest, export: Export, told: dict[str, Any]) -> str:
        actions.call_off_export(export=export, at=clock.now())
        return _("It is called off.")


@admin.register(Erasure)
class ErasureAdmin(ConsoleAdmin):
    title = gettext_lazy("Erasures")
    order = 160
    buttons = ("keep", "erase_again")
    list_display = ("asked", "whose_end", "by_whom", "due_at", "shown_state", "ended_at")
    list_filter = ("state",)
    ordering = ("-asked_at",)
    fields = (
        *("id", "whose_end", "by_whom", "reason", "asked_at", "due_at", "shown_state"),
        *("begun_at", "told_at", "ended_at", "progress"),
    )
    empty_says = gettext_lazy("People who leave, and guests who are forgotten, are listed here.")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return super().get_queryset(request).select_related("person")

    @admin.display(description=gettext_lazy("asked"), ordering="asked_at")
    def asked(self, erasure: Erasure) -> SafeString:
        return ago(erasure.asked_at)

    @admin.display(description=gettext_lazy("whose"))
    def whose_end(self, erasure: Erasure) -> str:
        return self.who(erasure.whose)

    @admin.display(description=gettext_lazy("asked by"))
    def by_whom(self, erasure: Erasure) -> str:
        return self.who(erasure.asked_by)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, erasure: Erasure) -> SafeString:
        return chip(Erasure.State(erasure.state).label, _KIND_OF_STATE.get(erasure.state, ""))

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, erasure: Erasure) -> str:
        job = Job.objects.filter(pk=erasure.job_id).first() if erasure.job_id else None
        if job is None:
            return "—"
        return f"{Job.State(job.state).label} {job.progress_done} / {job.progress_total}"

    @button(
        gettext_lazy("Keep the account"),
        when=lambda erasure: erasure.state == Erasure.State.ASKED,
    )
    def keep(self, request: HttpRequest, erasure: Erasure, told: dict[str, Any]) -> str:
        by = request.caller.audience  # type: ignore[attr-defined]
        if erasure.person:
            actions.keep_account(person=erasure.person, by=by, at=clock.now())
        return _("The account stays.")

    @button(
        gettext_lazy("Go through it again"),
        audit="erasure.again",
        when=lambda erasure: erasure.state in {Erasure.State.ERASING, Erasure.State.DONE},
    )
    def erase_again(self, request: HttpRequest, erasure: Erasure, told: dict[str, Any]) -> str:
        actions.erase_again(erasure=erasure, at=clock.now())
        return _("Everything is gone through once more.")


def tiles(request: HttpRequest) -> Iterable[Tile]:
    """Say what could not be made, and who is leaving."""
    failed = Export.objects.filter(state=Export.State.FAILED).count()
    if failed:
        url = reverse("admin:privacy_export_changelist") + "?state__exact=failed"
        yield Tile(_("Exports that failed"), failed, url=url, urgent=True)
    leaving = Erasure.objects.standing().count()
    if leaving:
        yield Tile(_("Erasures to come"), leaving, url=reverse("admin:privacy_erasure_changelist"))


register_tiles(tiles)
