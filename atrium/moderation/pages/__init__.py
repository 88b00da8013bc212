"""Reporting, blocking, and reading what was decided."""
