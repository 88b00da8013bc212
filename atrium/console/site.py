from collections.abc import Callable
from functools import update_wrapper
from typing import Any, cast
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from atrium.audit.actions import note
from atrium.kit import clock
from atrium.kit.errors import NotAllowed, SignInNeeded
from atrium.people.models import User
from atrium.people.recently import ask_again, is_recent
from atrium.web.address import address_of
from atrium.web.console import ConsoleAdmin, tiles
from atrium.web.policy import WrongMethod, pass_gates, pass_staff_gates
from atrium.web.refusals import Malformed

_METHODS = ("GET", "HEAD", "POST")


def _check_method(request: HttpRequest) -> None:
    if request.method not in _METHODS:  # Django's own views take any other for a GET
        raise WrongMethod(_METHODS)


def _check_text(request: HttpRequest) -> None:
    # PostgreSQL keeps no NUL, and breaks when the admin looks for one.
    if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        raise Malformed(_("The address holds a character that is no text."))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class Console(AdminSite):
    """The one site: our sign-in, our look, our audit list."""

    site_title = gettext_lazy("Console")
    site_header = gettext_lazy("Console")
    index_title = gettext_lazy("Console")
    enable_nav_sidebar = False
    final_catch_all_view = False
    empty_value_display = "—"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take our own rooms' pages; a package's (Django's groups) know neither area nor audit."""
        if admin_class and issubclass(admin_class, ConsoleAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        person = request.caller.person  # type: ignore[attr-defined]
        return bool(person and person.is_staff)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Let staff in, send strangers to our sign-in, and refuse everybody else."""

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            _check_method(request)
            _check_text(request)
            if not self.has_permission(request):
                if request.caller.is_member:  # type: ignore[attr-defined]
                    raise NotAllowed(_("This needs a role that your account does not have."))
                raise SignInNeeded(_("Sign in to open this."))
            pass_gates(request)
            pass_staff_gates(request)
            return view(request, *args, **kwargs)

        return update_wrapper(csrf_protect(never_cache(guarded)), view)

    def get_urls(self) -> list[Any]:
        own = {"logout", "password_change", "password_change_done", "autocomplete", "jsi18n"}
        left_out = own | {"view_on_site"}
        return [url for url in super().get_urls() if getattr(url, "name", "") not in left_out]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send on to our own sign-in, whose limits count every try."""
        _check_method(request)
        return HttpResponseRedirect(f"/sign-in?next={reverse('admin:index')}")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show what there is, and first of all what needs doing."""
        found = tiles(request)
        urgent = [tile for tile in found if tile.urgent]
        context = {"urgent": urgent, "tiles": [tile for tile in found if not tile.urgent]}
        return super().index(request, {**context, **(extra_context or {})})

    def get_log_entries(self, request: HttpRequest) -> Any:
        return []

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """List our pages under the names their rooms gave them, in the order they asked for."""
        found = super().get_app_list(request, app_label)
        for app in found:
            for entry in app["models"]:
                pages = cast(ConsoleAdmin, self._registry[entry["model"]])
                entry["name"], entry["order"] = pages.named, pages.order
            app["models"].sort(key=lambda entry: entry["order"])
        return sorted(found, key=lambda app: app["models"][0]["order"])

    def who(self, audience: str) -> str:
        """Return the name of the person behind ``person:…``, or the audience as it is."""
        kind, _colon, whose = audience.partition(":")
        if kind == "person" and _is_id(whose):
            person = User.objects.filter(pk=whose).first()
            return person.username if person else audience
        return audience

    def ask_again(self, request: HttpRequest) -> HttpResponse | None:
        """Lead to where the caller proves who they are, unless they did so just now."""
        return None if is_recent(request) else ask_again(request)

    def note(
        self,
        request: HttpRequest,
        action: str,
        *,
        about: tuple[str, object],
        detail: dict[str, Any],
    ) -> None:
        """Write down in the audit list what the caller did here."""
        note(
            action,
            by=request.caller.audience,  # type: ignore[attr-defined]
            about=about,
            detail=detail,
            address=address_of(request),
            at=clock.now(),
        )
