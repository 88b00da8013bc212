from django.db import models


class ReservedName(models.Model):
    """A name that was somebody's until lately, kept as a keyed hash: nobody else takes it yet."""

    digest = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"a name kept until {self.until}"
