"""Whom we ask, each in its own protocol, behind ``engines.protocol``."""
