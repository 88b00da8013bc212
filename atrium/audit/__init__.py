"""Who did what to what, and when: a list that only grows.

Owns AuditEntry and the head of its chain. Each entry carries the hash of the one before, numbers
have no holes, and both engines refuse to change or remove a row.
"""
