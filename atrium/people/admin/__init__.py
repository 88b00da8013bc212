"""The console's pages about people; each noun has a file of its own."""

from atrium.people.admin import accounts, sign_in_providers

__all__ = ["accounts", "sign_in_providers"]
