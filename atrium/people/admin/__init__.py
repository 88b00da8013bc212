"""The console's pages about people; each noun has a file of its own."""

from atrium.people.admin import accounts

__all__ = ["accounts"]
