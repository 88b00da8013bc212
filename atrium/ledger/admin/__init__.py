"""The console's pages about the books; each noun has a file of its own."""

from atrium.ledger.admin import accounts, corrections, disagreements, entries, holds

__all__ = ["accounts", "corrections", "disagreements", "entries", "holds"]
