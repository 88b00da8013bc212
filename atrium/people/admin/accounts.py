from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.kit.errors import NotAllowed
from atrium.people.access import may_judge
from atrium.people.actions import end_session, revoke_key
from atrium.people.actions.second_factor import remove_second_factor
from atrium.people.actions.standing import give_role, lift_suspension, suspend
from atrium.people.models import ApiKey, Guest, Session, User
from atrium.people.second_factor import has_second_factor, with_second_factor
from atrium.people.suspended import TERMS
from atrium.web.console import ConsoleAdmin, Tile, button, register_tiles
from atrium.web.templatetags.ui import ago

_AREAS = (
    ("support", gettext_lazy("Support")),
    ("finance", gettext_lazy("Finance")),
    ("moderation", gettext_lazy("Moderation")),
)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("Kept in the audit list, where the person may read it."),
    )


class SuspensionForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "The person reads it when they sign in. It stays in the audit list."
        ),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("How long"), choices=TERMS, coerce=int, required=False, empty_value=None
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=User.Role.choices)
    areas = forms.MultipleChoiceField(
        label=gettext_lazy("Staff areas"),
        choices=_AREAS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What of the console this person sees; administrators see it all."),
    )


@admin.register(User)
class UserAdmin(ConsoleAdmin):
    kind = "person"
    title = gettext_lazy("People")
    order = 100
    areas = ("support", "moderation")
    buttons = ("suspend", "readmit", "change_role", "take_second_factor")
    list_display = ("username", "email", "role", "second_step", "may_enter", "joined", "seen")
    list_filter = ("role", "is_active", ("joined_at", admin.DateFieldListFilter))
    search_fields = ("username", "email", "display_name")
    ordering = ("-joined_at",)
    # Named one by one: the password's hash is not among them.
    fields = (
        *("id", "username", "display_name", "email", "role", "areas_shown"),
        *("second_step", "is_active"),
        *("language", "time_zone", "joined_at", "last_seen_at"),
    )
    empty_says = gettext_lazy("People who sign up are listed here.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        told: QuerySet[Any] = rows.annotate(has_second_step=with_second_factor())
        return told

    @admin.display(description=gettext_lazy("second step"), ordering="has_second_step")
    def second_step(self, person: User) -> str:
        return _("Yes") if person.has_second_step else _("No")  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("is active"), ordering="is_active")
    def may_enter(self, person: User) -> str:
        # Django's own icon says “True” in every language.
        return _("Yes") if person.is_active else _("No")

    @admin.display(description=gettext_lazy("joined"), ordering="joined_at")
    def joined(self, person: User) -> SafeString:
        return ago(person.joined_at)

    @admin.display(description=gettext_lazy("seen"), ordering="last_seen_at")
    def seen(self, person: User) -> SafeString:
        return ago(person.last_seen_at)

    @admin.display(description=gettext_lazy("staff areas"))
    def areas_shown(self, person: User) -> str:
        return ", ".join(str(dict(_AREAS).get(area, area)) for area in person.staff_areas) or "—"

    @button(
        gettext_lazy("Suspend"),
        form=SuspensionForm,
        confirm=gettext_lazy("Sessions and keys end at once. Nothing of theirs is removed."),
        danger=True,
        when=lambda person: person.is_active,
    )
    def suspend(self, request: HttpRequest, person: User, told: dict[str, Any]) -> str:
        _check_rank(request, person)
        now, days = clock.now(), told["days"]
        until = now + timedelta(days=days) if days else None
        suspend(person=person, reason=told["reason"], until=until, by=_by(request), at=now)
        return _("The account is suspended.")

    @button(
        gettext_lazy("Readmit"),
        form=ReasonForm,
        when=lambda person: person.suspensions.not_ended().exists(),
    )
    def readmit(self, request: HttpRequest, person: User, told: dict[str, Any]) -> str:
        _check_rank(request, person)
        lift_suspension(person=person, reason=told["reason"], by=_by(request), at=clock.now())
        return _("The account is open again.")

    @button(
        gettext_lazy("Change role"),
        form=RoleForm,
        initial=lambda person: {"role": person.role, "areas": person.staff_areas},
        admin_only=True,
        again=True,
    )
    def change_role(self, request: HttpRequest, person: User, told: dict[str, Any]) -> str:
        role, areas = told["role"], told["areas"]
        give_role(person=person, role=role, areas=areas, by=_by(request), at=clock.now())
        return _("The role is changed.")

    @button(
        gettext_lazy("Take the second step away"),
        form=ReasonForm,
        confirm=gettext_lazy(
            "For who lost telephone and codes: be sure who asks. Passkeys go too, and the password"
            " alone then lets them in."
        ),
        danger=True,
        admin_only=True,
        again=True,
        when=lambda person: has_second_factor(person) and person.has_usable_password(),
    )
    def take_second_factor(self, request: HttpRequest, person: User, told: dict[str, Any]) -> str:
        remove_second_factor(person=person, reason=told["reason"], by=_by(request), at=clock.now())
        return _("The second step is taken away.")


@admin.register(Guest)
class GuestAdmin(ConsoleAdmin):
    order = 110
    areas = ("support",)
    list_display = ("id", "came", "seen", "claimed_by")
    list_filter = (("claimed_by", admin.EmptyFieldListFilter),)
    list_select_related = ("claimed_by",)
    ordering = ("-last_seen_at",)
    fields = ("id", "first_seen_at", "last_seen_at", "claimed_by", "claimed_at")
    empty_says = gettext_lazy("Visitors who start something without an account are listed here.")

    @admin.display(description=gettext_lazy("first seen"), ordering="first_seen_at")
    def came(self, guest: Guest) -> SafeString:
        return ago(guest.first_seen_at)

    @admin.display(description=gettext_lazy("seen"), ordering="last_seen_at")
    def seen(self, guest: Guest) -> SafeString:
        return ago(guest.last_seen_at)


@admin.register(Session)
class SessionAdmin(ConsoleAdmin):
    order = 120
    areas = ("support",)
    buttons = ("end",)
    list_display = ("name", "whose", "made", "expires")
    search_fields = ("=person_id_text",)
    search_help_text = gettext_lazy("A person's id")
    ordering = ("-made_at",)
    fields = ("name", "whose", "made_at", "expires_at")  # never what the session holds
    empty_says = gettext_lazy("Browsers in which somebody is signed in are listed here.")

    @admin.display(description=gettext_lazy("session"), ordering="made_at")
    def name(self, session: Session) -> str:
        return f"{session.key_hash[:10]}…"

    @admin.display(description=gettext_lazy("whose"), ordering="person_id_text")
    def whose(self, session: Session) -> str:
        return str(_whose(session) or "—")

    @admin.display(description=gettext_lazy("since"), ordering="made_at")
    def made(self, session: Session) -> SafeString:
        return ago(session.made_at)

    @admin.display(description=gettext_lazy("until"), ordering="expires_at")
    def expires(self, session: Session) -> SafeString:
        return ago(session.expires_at)

    @button(
        gettext_lazy("Sign out"),
        confirm=gettext_lazy("The browser has to sign in again."),
        danger=True,
    )
    def end(self, request: HttpRequest, session: Session, told: dict[str, Any]) -> str:
        _check_rank(request, _whose(session))
        # About the person: the session's own name is gone with it.
        self.note_about(request, "session.ended", ("person", session.person_id_text))
        end_session(session=session, at=clock.now())
        return _("The session is ended.")


@admin.register(ApiKey)
class ApiKeyAdmin(ConsoleAdmin):
    title = gettext_lazy("API keys")
    order = 130
    areas = ("support",)
    buttons = ("revoke",)
    list_display = ("name", "prefix", "person", "made", "used", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("person",)
    search_fields = ("name", "prefix", "person__username")
    ordering = ("-made_at",)
    fields = (
        *("id", "name", "prefix", "person", "scopes", "made_at", "last_used_at", "expires_at"),
        "revoked_at",
    )
    empty_says = gettext_lazy("Keys with which programs act for people are listed here.")

    @admin.display(description=gettext_lazy("made"), ordering="made_at")
    def made(self, key: ApiKey) -> SafeString:
        return ago(key.made_at)

    @admin.display(description=gettext_lazy("used"), ordering="last_used_at")
    def used(self, key: ApiKey) -> SafeString:
        return ago(key.last_used_at)

    @button(
        gettext_lazy("Revoke"),
        audit="key.revoked",
        form=ReasonForm,
        confirm=gettext_lazy("Programs that use the key are refused from the next request on."),
        danger=True,
        when=lambda key: key.revoked_at is None,
    )
    def revoke(self, request: HttpRequest, key: ApiKey, told: dict[str, Any]) -> str:
        _check_rank(request, key.person)
        revoke_key(key=key, by=request.caller.audience, at=clock.now())  # type: ignore[attr-defined]
        return _("The key is revoked.")


def tiles(request: HttpRequest) -> Iterable[Tile]:
    """Say how many there are."""
    people, guests = User.objects.count(), Guest.objects.filter(claimed_by=None).count()
    suspended = User.objects.filter(is_active=False).count()
    note = _("%(n)d suspended") % {"n": suspended} if suspended else ""
    yield Tile(_("People"), people, note, reverse("admin:people_user_changelist"))
    yield Tile(_("Guests"), guests, url=reverse("admin:people_guest_changelist"))


register_tiles(tiles, areas=("support",))


def _whose(session: Session) -> User | None:
    whose = session.person_id_text
    return User.objects.filter(pk=whose).first() if whose else None


def _by(request: HttpRequest) -> str:
    audience: str = request.caller.audience  # type: ignore[attr-defined]
    return audience


def _check_rank(request: HttpRequest, person: User | None) -> None:
    if person and not may_judge(request.caller, person):  # type: ignore[attr-defined]
        raise NotAllowed(_("Only an administrator may do this to somebody of the staff."))
