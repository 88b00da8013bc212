from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.notifications.actions import MailFailed, announce, send_test_mail, withdraw
from atrium.notifications.forms import AnnouncementForm, TryMailForm
from atrium.notifications.models import Announcement, Mail
from atrium.web.console import ConsoleAdmin, button
from atrium.web.console_forms import MakingAdmin
from atrium.web.templatetags.ui import ago, chip


@admin.register(Mail)
class MailAdmin(ConsoleAdmin):
    """Which letters went out, without what they say; and a letter to try the mail server with."""

    title = gettext_lazy("Mail")
    order = 650
    list_display = ("person", "told_of", "made", "state", "why_not")
    ordering = ("-id",)
    fields = ("person", "told_of", "message_id", "made_at", "sent_at", "given_up_at", "why_not")
    empty_says = gettext_lazy("Letters to people are listed here.")
    change_list_template = "console/mail.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("notification__person")

    @admin.display(description=gettext_lazy("to whom"))
    def person(self, mail: Mail) -> str:
        return mail.notification.person.username

    @admin.display(description=gettext_lazy("about what"))
    def told_of(self, mail: Mail) -> str:
        return mail.notification.kind

    @admin.display(description=gettext_lazy("written"), ordering="made_at")
    def made(self, mail: Mail) -> SafeString:
        return ago(mail.made_at)

    @admin.display(description=gettext_lazy("state"))
    def state(self, mail: Mail) -> SafeString:
        if mail.sent_at:
            return chip(_("sent"), "ok")
        return chip(_("given up"), "danger") if mail.given_up_at else chip(_("waits"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.send_test)
        return [path("test/", view, name="notifications_mail_test"), *super().get_urls()]

    def send_test(self, request: HttpRequest) -> HttpResponse:
        """Ask for an address, and say whether the mail server took a letter to it."""
        if not self.has_view_permission(request):
            raise NotFound(_("There is nothing here, or it is not yours to see."))
        caller = request.caller  # type: ignore[attr-defined]
        form = TryMailForm(request.POST or None, initial={"to": caller.person.email})
        if request.method == "POST" and form.is_valid():
            to = form.cleaned_data["to"]
            try:
                send_test_mail(to=to, by=caller.audience, at=clock.now())
            except MailFailed as failed:
                form.add_error(None, " ".join(filter(None, (failed.detail, failed.way_on))))
            else:
                said = _("The mail server took a letter to {to}.").format(to=to)
                messages.success(request, said)
                return HttpResponseRedirect(reverse("admin:notifications_mail_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Send a test mail"),
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "console/mail_test.html", context, status=status)


@admin.register(Announcement)
class AnnouncementAdmin(MakingAdmin):
    """What everybody is told in a bar above each page."""

    title = gettext_lazy("Announcements")
    order = 640
    buttons = ("withdraw",)
    make_form = AnnouncementForm
    make_label = gettext_lazy("Announce")
    make_says = gettext_lazy("It stands above each page, and comes to pages that are open.")
    list_display = ("__str__", "level", "shown_to", "state", "begins", "ends")
    list_filter = ("level", "shown_to")
    ordering = ("-begins_at",)
    fields = (
        *("text", "level", "link", "shown_to", "is_dismissible", "begins_at", "ends_at"),
        *("made_at", "author", "withdrawn_at"),
    )
    empty_says = gettext_lazy("What you tell everybody is listed here.")

    @admin.display(description=gettext_lazy("state"))
    def state(self, one: Announcement) -> SafeString:
        if one.withdrawn_at:
            return chip(_("withdrawn"))
        if one.is_current(at=clock.now()):
            return chip(_("shown now"), "ok")
        return chip(_("over") if one.begins_at <= clock.now() else _("to come"))

    @admin.display(description=gettext_lazy("from"), ordering="begins_at")
    def begins(self, one: Announcement) -> SafeString:
        return ago(one.begins_at)

    @admin.display(description=gettext_lazy("until"), ordering="ends_at")
    def ends(self, one: Announcement) -> SafeString | str:
        return ago(one.ends_at) if one.ends_at else "—"

    @admin.display(description=gettext_lazy("by"))
    def author(self, one: Announcement) -> str:
        return self.who(one.made_by)

    def make(self, request: HttpRequest, told: dict[str, Any]) -> str:
        announce(**told, by=request.caller.audience, at=clock.now())  # type: ignore[attr-defined]
        return _("It is announced.")

    @button(
        gettext_lazy("Withdraw"),
        confirm=gettext_lazy("It goes from every page, open ones as well."),
        danger=True,
        when=lambda one: one.withdrawn_at is None,
    )
    def withdraw(self, request: HttpRequest, one: Announcement, told: dict[str, Any]) -> str:
        withdraw(announcement=one, by=request.caller.audience, at=clock.now())  # type: ignore[attr-defined]
        return _("It is withdrawn.")
