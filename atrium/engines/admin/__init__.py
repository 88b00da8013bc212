"""The console's pages of engines, one file each."""

from atrium.engines.admin import offers, providers

__all__ = ["offers", "providers"]
