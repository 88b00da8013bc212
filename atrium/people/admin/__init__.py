"""The console's pages about people; each noun has a file of its own."""

from atrium.people.admin import accounts, joining, sign_in_providers, terms

__all__ = ["accounts", "joining", "sign_in_providers", "terms"]
