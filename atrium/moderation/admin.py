from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from atrium.kit import clock
from atrium.moderation import actions, queries
from atrium.moderation.forms import GlassForm, StatementForm, UpholdForm
from atrium.moderation.models import Appeal, Report
from atrium.moderation.registry import kind_of, title_of
from atrium.people.models import User
from atrium.web.console import ConsoleAdmin, Tile, button, register_tiles
from atrium.web.templatetags.ui import ago, chip

_URGENT_FIRST = F("decided_at").desc(nulls_first=True)


def _can_look(report: Report) -> bool:
    kind = kind_of(report.about_kind)
    return bool(kind and kind.around) and not report.is_decided


@admin.register(Report)
class ReportAdmin(ConsoleAdmin):
    title = gettext_lazy("Reports")
    order = 90
    areas = ("moderation",)
    buttons = ("take", "uphold", "dismiss", "break_glass")
    list_display = ("thing", "category", "came", "standing", "due", "hands")
    list_filter = ("state", "category")
    list_select_related = ("decision", "reported")
    ordering = cast(Any, (_URGENT_FIRST, "made_at"))
    fields = (
        *("thing", "of_kind", "category", "text", "excerpt", "made_by", "whose"),
        *("made_at", "standing", "due", "hands", "outcome"),
    )
    empty_says = gettext_lazy("What people report is listed here, the most urgent first.")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        by = cast(User, request.caller.person)  # type: ignore[attr-defined]
        may_look = obj and queries.opening_of(obj, by=by, at=clock.now())
        return (*self.fields, "around") if may_look else self.fields

    @admin.display(description=gettext_lazy("reported"))
    def thing(self, report: Report) -> str:
        return report.title or title_of(report.about_kind)

    @admin.display(description=gettext_lazy("what it is"))
    def of_kind(self, report: Report) -> str:
        return title_of(report.about_kind)

    @admin.display(description=gettext_lazy("reported by"))
    def made_by(self, report: Report) -> str:
        return self.who(report.made_as)

    @admin.display(description=gettext_lazy("made by"))
    def whose(self, report: Report) -> str:
        return report.reported.username if report.reported else "—"

    @admin.display(description=gettext_lazy("since"), ordering="made_at")
    def came(self, report: Report) -> SafeString:
        return ago(report.made_at)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, report: Report) -> SafeString:
        return chip(report.get_state_display(), "ok" if report.is_decided else "")

    @admin.display(description=gettext_lazy("answer due"), ordering="made_at")
    def due(self, report: Report) -> SafeString | str:
        if report.is_decided:
            return "—"
        due_at = report.made_at + timedelta(hours=queries.answer_hours())
        if due_at < clock.now():
            return format_html("{} {}", chip(_("Overdue"), "danger", "clock"), ago(due_at))
        return ago(due_at)

    @admin.display(description=gettext_lazy("in hand of"))
    def hands(self, report: Report) -> str:
        return self.who(report.taken_by) if report.taken_by else "—"

    @admin.display(description=gettext_lazy("decision"))
    def outcome(self, report: Report) -> SafeString | str:
        made = report.decision
        if made is None:
            return "—"
        said = (made.get_outcome_display(), made.get_measure_display(), made.statement)
        return format_html("{} · {}<br>{}<br>{}", *said, self.who(made.decided_by))

    @admin.display(description=gettext_lazy("around it"))
    def around(self, report: Report) -> SafeString | str:
        kind = kind_of(report.about_kind)
        found = kind.around(report.about_id) if kind and kind.around else None
        if found is None:
            return "—"
        return format_html_join("", "<p>{}</p>", ((line,) for line in found.lines))

    @button(gettext_lazy("Take in hand"), when=lambda report: not report.is_decided)
    def take(self, request: HttpRequest, report: Report, told: dict[str, Any]) -> str:
        actions.take(report=report, by=_me(request), at=clock.now())
        return _("It is in your hands.")

    @button(
        gettext_lazy("Uphold"),
        form=UpholdForm,
        initial=lambda _report: {"days": "7"},
        confirm=gettext_lazy(
            "Whoever made it is told the reason and may appeal; whoever reported it is told that"
            " something was done. All reports of the same thing are decided."
        ),
        danger=True,
        when=lambda report: not report.is_decided,
    )
    def uphold(self, request: HttpRequest, report: Report, told: dict[str, Any]) -> str:
        days = told.pop("days")
        actions.uphold(report=report, by=_me(request), days=days, at=clock.now(), **told)
        return _("The report is upheld.")

    @button(
        gettext_lazy("Dismiss"),
        form=StatementForm,
        confirm=gettext_lazy("It may stay. Whoever reported it is told why."),
        when=lambda report: not report.is_decided,
    )
    def dismiss(self, request: HttpRequest, report: Report, told: dict[str, Any]) -> str:
        actions.dismiss(report=report, by=_me(request), at=clock.now(), **told)
        return _("The report is dismissed.")

    @button(
        gettext_lazy("Look around it"),
        form=GlassForm,
        confirm=gettext_lazy(
            "You see what stands around it, for an hour. It is private: whose it is are told."
        ),
        when=_can_look,
    )
    def break_glass(self, request: HttpRequest, report: Report, told: dict[str, Any]) -> str:
        actions.break_glass(report=report, by=_me(request), at=clock.now(), **told)
        return _("It stands below, for an hour.")


@admin.register(Appeal)
class AppealAdmin(ConsoleAdmin):
    title = gettext_lazy("Appeals")
    order = 95
    areas = ("moderation",)
    buttons = ("keep", "overturn")
    list_display = ("thing", "came", "standing", "first_judge")
    list_filter = ("state",)
    list_select_related = ("decision",)
    ordering = cast(Any, (_URGENT_FIRST, "made_at"))
    fields = (
        *("thing", "text", "made_at", "measure", "reason", "excerpt", "decided_first_at"),
        *("first_judge", "standing", "statement", "judge"),
    )
    empty_says = gettext_lazy("Appeals against decisions are listed here.")

    @admin.display(description=gettext_lazy("about"))
    def thing(self, appeal: Appeal) -> str:
        return appeal.decision.title or title_of(appeal.decision.about_kind)

    @admin.display(description=gettext_lazy("since"), ordering="made_at")
    def came(self, appeal: Appeal) -> SafeString:
        return ago(appeal.made_at)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, appeal: Appeal) -> SafeString:
        return chip(appeal.get_state_display(), "" if appeal.state == "open" else "ok")

    @admin.display(description=gettext_lazy("what was done"))
    def measure(self, appeal: Appeal) -> str:
        return appeal.decision.done

    @admin.display(description=gettext_lazy("reason of the decision"))
    def reason(self, appeal: Appeal) -> str:
        return appeal.decision.statement

    @admin.display(description=gettext_lazy("what it is about"))
    def excerpt(self, appeal: Appeal) -> str:
        return appeal.decision.excerpt or "—"

    @admin.display(description=gettext_lazy("decided"))
    def decided_first_at(self, appeal: Appeal) -> SafeString:
        return ago(appeal.decision.decided_at)

    @admin.display(description=gettext_lazy("decided by"))
    def first_judge(self, appeal: Appeal) -> str:
        return self.who(appeal.decision.decided_by)

    @admin.display(description=gettext_lazy("appeal decided by"))
    def judge(self, appeal: Appeal) -> str:
        return self.who(appeal.decided_by) if appeal.decided_by else "—"

    @button(
        gettext_lazy("Let it stand"),
        form=StatementForm,
        when=lambda appeal: appeal.state == "open",
    )
    def keep(self, request: HttpRequest, appeal: Appeal, told: dict[str, Any]) -> str:
        _decide(request, appeal, told, overturn=False)
        return _("The decision stands.")

    @button(
        gettext_lazy("Undo the decision"),
        form=StatementForm,
        confirm=gettext_lazy("What was hidden is shown again, and a suspension is lifted."),
        when=lambda appeal: appeal.state == "open",
    )
    def overturn(self, request: HttpRequest, appeal: Appeal, told: dict[str, Any]) -> str:
        _decide(request, appeal, told, overturn=True)
        return _("The decision is undone.")


def tiles(request: HttpRequest) -> Iterable[Tile]:
    """Say what waits for moderators, and what waits too long."""
    waits = queries.how_much_waits(at=clock.now())
    late = waits["overdue"]
    note = ngettext("%(n)d overdue", "%(n)d overdue", late) % {"n": late} if late else ""
    reports = reverse("admin:moderation_report_changelist")
    yield Tile(_("Reports waiting"), waits["reports"], note, reports, urgent=bool(late))
    if waits["appeals"]:
        appeals = reverse("admin:moderation_appeal_changelist")
        yield Tile(_("Appeals waiting"), waits["appeals"], url=appeals, urgent=True)


register_tiles(tiles, areas=("moderation",))


def _decide(request: HttpRequest, appeal: Appeal, told: dict[str, Any], *, overturn: bool) -> None:
    actions.decide_appeal(appeal=appeal, by=_me(request), overturn=overturn, at=clock.now(), **told)


def _me(request: HttpRequest) -> User:
    return cast(User, request.caller.person)  # type: ignore[attr-defined]
