from typing import ClassVar

from django.db import models

from atrium.chat.models.chat import Chat
from atrium.sources.models import Document


class Attachment(models.Model):
    """A document that the answers of a chat may quote."""

    chat = models.ForeignKey(Chat, models.CASCADE, related_name="attachments")
    document = models.ForeignKey(Document, models.CASCADE, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["chat", "document"], name="chat_document_attached_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} in {self.chat_id}"
