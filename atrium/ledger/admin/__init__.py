"""The console's pages about the books; each noun has a file of its own."""

from atrium.ledger.admin import disagreements

__all__ = ["disagreements"]
