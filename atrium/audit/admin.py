import json
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.audit import queries
from atrium.audit.models import AuditEntry
from atrium.kit import clock
from atrium.kit.csvtext import table
from atrium.kit.errors import NotFound, Refusal, TooLarge
from atrium.kit.limits import LIMITS
from atrium.web.console import ConsoleAdmin
from atrium.web.policy import WrongMethod
from atrium.web.templatetags.ui import ago

MOST_ROWS = LIMITS.export_rows
COLUMNS = (
    "number",
    "at",
    "by",
    "action",
    "about_kind",
    "about_id",
    "address",
    "detail_json",
    "hash",
)


class TooManyRows(TooLarge):
    code = "too_many_rows"


class BadFilter(Refusal):
    code = "bad_filter"


@admin.register(AuditEntry)
class AuditEntryAdmin(ConsoleAdmin):
    title = gettext_lazy("Audit")
    order = 900
    list_display = ("number", "moment", "who_did", "action", "about", "said", "address")
    list_filter = ("action", ("at", admin.DateFieldListFilter), "about_kind")
    search_fields = ("action", "by", "about_id", "detail_json")
    ordering = ("-number",)
    fields = (
        *(
            "number",
            "at",
            "who_did",
            "by",
            "action",
            "about_kind",
            "about_id",
            "address",
            "detail_shown",
        ),
        *("prev_hash", "hash"),
    )
    change_list_template = "console/audit.html"
    empty_says = gettext_lazy("Whatever somebody changes with a staff role is listed here.")

    @admin.display(description=gettext_lazy("about what"), ordering="about_id")
    def about(self, entry: AuditEntry) -> str:
        name = self.who(f"{entry.about_kind}:{entry.about_id}")
        return name.replace(":", " ", 1).strip() or "—"

    @admin.display(description=gettext_lazy("who"), ordering="by")
    def who_did(self, entry: AuditEntry) -> str:
        return self.who(entry.by)

    @admin.display(description=gettext_lazy("when"), ordering="number")
    def moment(self, entry: AuditEntry) -> SafeString:
        return ago(entry.at)

    @admin.display(description=gettext_lazy("details"))
    def said(self, entry: AuditEntry) -> str:
        said = ", ".join(f"{name}: {value}" for name, value in entry.detail.items())
        return f"{said[:119]}…" if len(said) > 120 else said or "—"

    @admin.display(description=gettext_lazy("details"))
    def detail_shown(self, entry: AuditEntry) -> SafeString:
        said = json.dumps(entry.detail, indent=2, ensure_ascii=False)
        return format_html('<pre tabindex="0">{}</pre>', said)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("audit.csv", view(self.export), name="audit_auditentry_csv"),
            path("verify/", view(self.verify), name="audit_auditentry_verify"),
            *super().get_urls(),
        ]

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup in {"about_kind__exact", "about_id__exact"} or super().lookup_allowed(
            lookup, value, request
        )

    def export(self, request: HttpRequest) -> HttpResponse:
        """Return what the list shows now as CSV; that it was taken is itself written down."""
        self._check_may(request)
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            raise BadFilter(_("The list cannot be filtered like that.")) from None
        number = found.count()
        if number > MOST_ROWS:
            raise TooManyRows(
                _("This is more than one table may hold. Filter the list first."),
                limit=MOST_ROWS,
                used=number,
            )
        rows = list(found.values_list(*COLUMNS))
        at = clock.now()
        # How it was filtered, without what was searched for: that may be somebody's name.
        asked = request.GET.copy()
        asked.pop("q", None)
        query = asked.urlencode()
        self.note_about(request, "audit.exported", ("audit", ""), rows=number, query=query)
        name = f"audit-{at:%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(table([COLUMNS, *rows]), content_type="text/csv", headers=headers)

    def verify(self, request: HttpRequest) -> HttpResponse:
        """Walk the chain and say whether it is true."""
        self._check_may(request)
        if request.method != "POST":
            raise WrongMethod(("POST",))
        verdict = queries.verify()
        if verdict.is_true:
            said = _("All %(n)d entries are as they were written. The last hash is %(hash)s.")
            messages.success(request, said % {"n": verdict.entries, "hash": verdict.head or "—"})
        else:
            messages.error(request, verdict.difference)
        return HttpResponseRedirect(reverse("admin:audit_auditentry_changelist"))

    def _check_may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise NotFound(_("There is nothing here, or it is not yours to see."))
