from typing import ClassVar

from django.db import models

from atrium.chat.models.turn import Turn
from atrium.files.models import File


class AskedPicture(models.Model):
    """A picture that a question is asked with; ``number`` counts those of one question from one.

    What engines and readers get is drawn by us; the file itself stays as it came.
    """

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="pictures")
    file = models.ForeignKey(File, models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["turn", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["turn", "number"], name="chat_pictures_of_a_question_have_numbers"
            ),
            models.UniqueConstraint(fields=["turn", "file"], name="chat_picture_asked_with_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.turn_id}"
