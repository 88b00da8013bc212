"""What an app's ``admin.py`` builds on: pages of the console that read, and buttons that act."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import Form, Media
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from atrium.kit.errors import NotFound, Refusal
from atrium.web.policy import WrongMethod

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Model]
else:
    _Admin = admin.ModelAdmin
Text = str | Promise
Press = Callable[..., str | None]
_LOOKUPS = {"exact", "gte", "lt", "isnull", "isempty"}


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure on the console's front page; ``urgent`` puts it among what needs doing."""

    label: Text
    figure: object
    note: Text = ""
    url: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """What staff may do with one row; with ``confirm`` or ``form`` there is a page in between."""

    name: str
    label: Text
    audit: str
    confirm: Text
    form: type[Form] | None
    danger: bool
    admin_only: bool
    again: bool
    when: Callable[[Any], bool]
    initial: Callable[[Any], dict[str, Any]]

    @property
    def asks_first(self) -> bool:
        return bool(self.confirm or self.form)


TileMaker = Callable[[HttpRequest], Iterable[Tile]]
_tiles: list[tuple[tuple[str, ...], TileMaker]] = []


def register_tiles(make: TileMaker, *, areas: tuple[str, ...] = ()) -> None:
    """Show what ``make`` returns on the front page, to administrators and staff of ``areas``."""
    if (areas, make) not in _tiles:
        _tiles.append((areas, make))


def tiles(request: HttpRequest) -> list[Tile]:
    """Return the front page's figures that the caller may see."""
    return [tile for areas, make in _tiles if may_see(request, areas) for tile in make(request)]


def may_see(request: HttpRequest, areas: tuple[str, ...]) -> bool:
    """Whether the caller is an administrator, or staff of one of ``areas``."""
    caller = request.caller  # type: ignore[attr-defined]
    return bool(caller.is_admin or any(caller.is_staff_of(area) for area in areas))


def button(
    label: Text,
    *,
    audit: str = "",
    confirm: Text = "",
    form: type[Form] | None = None,
    danger: bool = False,
    admin_only: bool = False,
    again: bool = False,
    when: Callable[[Any], bool] = bool,
    initial: Callable[[Any], dict[str, Any]] = lambda _thing: {},
) -> Callable[[Press], Press]:
    """Make a method ``(request, thing, told)`` a button on the row's page.

    It returns what to tell whoever pressed it. ``audit`` names the deed in the audit list; leave it
    empty when the action called notes it itself. ``again`` first asks who it is, unless they proved
    it just now. ``told`` is what ``form`` was filled with, which begins as ``initial`` says.
    """

    def declare(press: Press) -> Press:
        press.button = Button(  # type: ignore[attr-defined]
            press.__name__, label, audit, confirm, form, danger, admin_only, again, when, initial
        )
        return press

    return declare


class ConsoleAdmin(_Admin):
    """A model in the console: read-only, for administrators and the staff of its ``areas``."""

    areas: ClassVar[tuple[str, ...]] = ()
    buttons: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[Text] = ""  # the model's own name in the plural when empty
    order: ClassVar[int] = 500  # where in the console's list of pages
    empty_says: ClassVar[Text] = ""
    kind: ClassVar[str] = ""  # what the audit list calls such a thing; the model's name when empty
    actions = None
    list_per_page = 50
    show_full_result_count = False

    @property
    def named(self) -> str:
        return str(self.title or capfirst(_(str(self.opts.verbose_name_plural))))

    @property
    def media(self) -> Media:
        return Media()  # our pages need none of the admin's scripts

    # Who may

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_see(request, self.areas)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_see(request, self.areas)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Whether a list's address may filter by ``lookup``: only as our own filters do.

        Django would also take ``name__regex=(((`` of any column, and break on it.
        """
        return lookup.rpartition("__")[2] in {lookup, *_LOOKUPS} and bool(
            super().lookup_allowed(lookup, value, request)
        )

    def who(self, audience: str) -> str:
        """Return the name of the person behind ``person:…``, or the audience as it is."""
        name: str = cast(Any, self.admin_site).who(audience)
        return name

    # What was done

    def note(self, request: HttpRequest, action: str, obj: Model, **detail: Any) -> None:
        """Write down in the audit list what the caller did to ``obj``."""
        self.note_about(request, action, (self._kind, obj.pk), **detail)

    def note_about(
        self, request: HttpRequest, action: str, about: tuple[str, object], **detail: Any
    ) -> None:
        """Write down what the caller did to what is no row here."""
        # The site's work, as the audit list lies above this floor.
        cast(Any, self.admin_site).note(request, action, about=about, detail=detail)

    @property
    def _kind(self) -> str:
        return self.kind or str(self.opts.model_name)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self.note(request, f"{self._kind}.added", obj, changes=message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self.note(request, f"{self._kind}.changed", obj, changes=message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        for obj in queryset:
            self.note(request, f"{self._kind}.deleted", obj, was=str(obj))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show the audit list's entries about the row: there is no second history."""
        query = urlencode({"about_kind__exact": self._kind, "about_id__exact": unquote(object_id)})
        return HttpResponseRedirect(f"{reverse('admin:audit_auditentry_changelist')}?{query}")

    # Buttons

    def get_urls(self) -> list[URLPattern]:
        press = path(
            "<path:object_id>/do/<slug:name>/",
            self.admin_site.admin_view(self.press),
            name=f"{self.opts.app_label}_{self.opts.model_name}_press",
        )
        return [press, *super().get_urls()]

    def buttons_for(self, request: HttpRequest, obj: Any) -> list[Button]:
        """Return the buttons that the caller may press on ``obj`` as it is now."""
        caller = request.caller  # type: ignore[attr-defined]
        found: list[Button] = [getattr(self, name).button for name in self.buttons]
        return [
            made for made in found if made.when(obj) and (caller.is_admin or not made.admin_only)
        ]

    def press(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Do what the button says, or ask first."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.has_view_permission(request, obj):
            raise NotFound(_("There is nothing here, or it is not yours to see."))
        made = next((made for made in self.buttons_for(request, obj) if made.name == name), None)
        if made is None:
            raise NotFound(_("This cannot be done, or no longer."))
        if made.again and (asked := cast(Any, self.admin_site).ask_again(request)):
            return cast(HttpResponse, asked)
        if request.method == "POST":
            return self._pressed(request, obj, made)
        if not made.asks_first:
            raise WrongMethod(("POST",))
        form = made.form(initial=made.initial(obj)) if made.form else None
        return self._ask(request, obj, made, form)

    def _pressed(self, request: HttpRequest, obj: Model, made: Button) -> HttpResponse:
        form = made.form(request.POST) if made.form else None
        if form and not form.is_valid():
            return self._ask(request, obj, made, form)
        told = form.cleaned_data if form else {}
        try:
            with transaction.atomic():
                said = getattr(self, made.name)(request, obj, told)
                if made.audit:
                    self.note(request, made.audit, obj, **told)
        except Refusal as refused:
            if form and refused.status == 422:
                form.add_error(None, str(refused.detail))
                return self._ask(request, obj, made, form)
            messages.error(request, str(refused.detail))
        else:
            messages.success(request, said or _("Done."))
        return HttpResponseRedirect(self._address(request, obj))

    def _ask(
        self, request: HttpRequest, obj: Model, made: Button, form: Form | None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            "title": made.label,
            "button": made,
            "form": form,
            "back": self._address(request, obj),
        }
        status = 422 if form and form.errors else 200
        return TemplateResponse(request, "console/ask.html", context, status=status)

    def _address(self, request: HttpRequest, obj: Model) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        still = self.get_queryset(request).filter(pk=obj.pk).exists()
        return (
            reverse(f"{name}_change", args=[quote(obj.pk)])
            if still
            else reverse(f"{name}_changelist")
        )

    # Pages

    def render_change_form(  # type: ignore[override]
        self, request: HttpRequest, context: Any, **more: Any
    ) -> Any:
        obj = more.get("obj")
        context["buttons"] = self.buttons_for(request, obj) if obj else []
        context["named"] = self.named
        return super().render_change_form(request, context, **more)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        said = {"empty_says": self.empty_says, "named": self.named, **(extra_context or {})}
        return super().changelist_view(request, said)
