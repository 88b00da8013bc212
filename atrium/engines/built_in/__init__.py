"""Engines that need no key and no network, and say what they are."""
