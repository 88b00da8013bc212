from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.people.actions.invitations import invite, revoke_invitation
from atrium.people.actions.joining import approve, decline
from atrium.people.joining_forms import NeededSentenceForm, RoleInvitationForm, SentenceForm
from atrium.people.models import Invitation, Joining
from atrium.people.queries import mail_addresses_of
from atrium.web.console import ConsoleAdmin, Tile, button, register_tiles
from atrium.web.console_forms import MakingAdmin
from atrium.web.templatetags.ui import ago, chip

_APPROVAL = Joining.WaitsFor.APPROVAL


@admin.register(Joining)
class JoiningAdmin(ConsoleAdmin):
    """Who came in where not everybody may, and who waits for a word."""

    title = gettext_lazy("Who wants to join")
    order = 105
    areas = ("support",)
    buttons = ("approve", "decline")
    list_display = ("person", "email", "asked", "state", "invited_by")
    list_filter = ("waits_for", "is_declined")
    list_select_related = ("person", "invitation__made_by")
    search_fields = ("person__username",)
    ordering = ("-asked_at",)
    fields = ("person", "email", "asked_at", "state", "invited_by", "decided_at", "sentence")
    empty_says = gettext_lazy(
        "People who were invited, or who wait to be let in, are listed here. The option"
        " people.sign_up says who may join."
    )

    @admin.display(description=gettext_lazy("mail address"))
    def email(self, joining: Joining) -> str:
        every = mail_addresses_of(joining.person)
        if not every:
            return "—"
        found = max(every, key=lambda one: bool(one.verified))
        return str(found.email) if found.verified else f"{found.email} ({_('not confirmed')})"

    @admin.display(description=gettext_lazy("asked"), ordering="asked_at")
    def asked(self, joining: Joining) -> SafeString:
        return ago(joining.asked_at)

    @admin.display(description=gettext_lazy("state"))
    def state(self, joining: Joining) -> SafeString:
        if joining.is_declined:
            return chip(_("declined"), "danger")
        if joining.waits_for:
            return chip(_("waits for you") if joining.waits_for == _APPROVAL else _("confirms"))
        return chip(_("open"), "ok")

    @admin.display(description=gettext_lazy("invited by"))
    def invited_by(self, joining: Joining) -> str:
        return str(joining.invitation.made_by) if joining.invitation else "—"

    @button(gettext_lazy("Approve"), form=SentenceForm, when=lambda one: one.waits_for == _APPROVAL)
    def approve(self, request: HttpRequest, joining: Joining, told: dict[str, Any]) -> str:
        by: str = request.caller.audience  # type: ignore[attr-defined]
        approve(joining=joining, sentence=told["sentence"], by=by, at=clock.now())
        return _("The account is open.")

    @button(
        gettext_lazy("Decline"),
        form=NeededSentenceForm,
        danger=True,
        when=lambda one: one.waits_for == _APPROVAL and not one.is_declined,
    )
    def decline(self, request: HttpRequest, joining: Joining, told: dict[str, Any]) -> str:
        by: str = request.caller.audience  # type: ignore[attr-defined]
        decline(joining=joining, sentence=told["sentence"], by=by, at=clock.now())
        return _("The account stays closed, and the person is told why.")


@admin.register(Invitation)
class InvitationAdmin(MakingAdmin):
    """What lets people in by name or by number."""

    title = gettext_lazy("Invitations")
    order = 106
    buttons = ("revoke",)
    make_form = RoleInvitationForm
    make_label = gettext_lazy("Invite")
    make_says = gettext_lazy("Its link is shown once. It always lets in, whatever the policy.")
    list_display = ("__str__", "made_by", "made", "left", "state", "role")
    list_filter = ("role", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("made_by",)
    search_fields = ("note", "for_email", "made_by__username")
    ordering = ("-made_at",)
    # Named one by one: the hashes are not among them.
    fields = (
        *("id", "note", "for_email", "mailed_at", "role", "areas_shown", "left"),
        *("made_by", "made_at", "expires_at", "revoked_at"),
    )
    empty_says = gettext_lazy("Whom you invite, and by which link, is listed here.")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return super().get_queryset(request).defer("token_hash", "mailed_token_hash")

    @admin.display(description=gettext_lazy("made"), ordering="made_at")
    def made(self, one: Invitation) -> SafeString:
        return ago(one.made_at)

    @admin.display(description=gettext_lazy("left"), ordering="uses_left")
    def left(self, one: Invitation) -> str:
        return _("{left} of {all}").format(left=one.uses_left, all=one.uses)

    @admin.display(description=gettext_lazy("staff areas"))
    def areas_shown(self, one: Invitation) -> str:
        return ", ".join(str(_(area.capitalize())) for area in one.staff_areas) or "—"

    @admin.display(description=gettext_lazy("state"))
    def state(self, one: Invitation) -> SafeString:
        if one.revoked_at:
            return chip(_("taken back"), "danger")
        if one.expires_at <= clock.now():
            return chip(_("expired"))
        return chip(_("works"), "ok") if one.uses_left else chip(_("used up"))

    def make(self, request: HttpRequest, told: dict[str, Any]) -> HttpResponse:
        caller = request.caller  # type: ignore[attr-defined]
        made, link = invite(by=caller, **told, at=clock.now())
        answer = self.shown(request, "console/invitation_link.html", made=made, link=link)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @button(
        gettext_lazy("Take back"),
        confirm=gettext_lazy("Its link works no longer. Who came by it stays."),
        danger=True,
        when=lambda one: one.revoked_at is None,
    )
    def revoke(self, request: HttpRequest, one: Invitation, told: dict[str, Any]) -> str:
        by: str = request.caller.audience  # type: ignore[attr-defined]
        revoke_invitation(invitation=one, by=by, at=clock.now())
        return _("The invitation is taken back.")


def tiles(request: HttpRequest) -> Any:
    """Say who waits for a word."""
    waiting = Joining.objects.filter(waits_for=_APPROVAL, is_declined=False).count()
    if waiting:
        url = f"{reverse('admin:people_joining_changelist')}?waits_for__exact={_APPROVAL}"
        yield Tile(_("Wait to be let in"), waiting, url=url, urgent=True)


register_tiles(tiles, areas=("support",))
