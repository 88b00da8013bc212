import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from atrium.events.models import RecordedEvent, Stream
from atrium.web.console import ConsoleAdmin
from atrium.web.templatetags.ui import ago


@admin.register(RecordedEvent)
class RecordedEventAdmin(ConsoleAdmin):
    title = gettext_lazy("Events")
    order = 630
    list_display = ("name", "id", "recorded")
    list_filter = ("name",)
    search_fields = ("name",)
    ordering = ("-id",)
    fields = ("id", "name", "recorded_at", "payload_shown")
    empty_says = gettext_lazy("Facts that rooms announce to each other are listed here.")

    @admin.display(description=gettext_lazy("recorded"), ordering="recorded_at")
    def recorded(self, event: RecordedEvent) -> SafeString:
        return ago(event.recorded_at)

    @admin.display(description=gettext_lazy("what it says"))
    def payload_shown(self, event: RecordedEvent) -> SafeString:
        said = json.dumps(event.payload, indent=2, ensure_ascii=False)
        return format_html('<pre tabindex="0">{}</pre>', said)


@admin.register(Stream)
class StreamAdmin(ConsoleAdmin):
    """How much each audience was told; what they were told is theirs alone."""

    areas = ("support",)
    order = 640
    list_display = ("audience", "whose", "last_seq", "kept")
    search_fields = ("audience",)
    ordering = ("audience",)
    fields = ("audience", "whose", "last_seq", "kept")
    empty_says = gettext_lazy("Each person and guest who is told something has a stream here.")

    @admin.display(description=gettext_lazy("whose"))
    def whose(self, stream: Stream) -> str:
        return self.who(stream.audience)

    @admin.display(description=gettext_lazy("kept to catch up"))
    def kept(self, stream: Stream) -> int:
        return stream.events.count()
