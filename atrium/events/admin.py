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
        return format_html("<pre>{}</pre>", said)


@admin.register(Stream)
class StreamAdmin(ConsoleAdmin):
    """How much each audience was told; what they were told is theirs alone."""

    areas = ("support",)
    list_display = ("audience", "last_seq", "kept")
    search_fields = ("audience",)
    ordering = ("audience",)
    fields = ("audience", "last_seq", "kept")
    empty_says = gettext_lazy("Each person and guest who is told something has a stream here.")

    @admin.display(description=gettext_lazy("kept to catch up"))
    def kept(self, stream: Stream) -> int:
        return stream.events.count()
