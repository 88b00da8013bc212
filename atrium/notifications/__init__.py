"""Telling a person: on the bell page at once, and by mail when they chose so.

Owns Notification, Choice, Mail (one letter, sent once) and Address (whether letters arrive).
A notification is written in the transaction that caused it and shown in the reader's language.
No job row holds a link that lets somebody in. Without a mail server everything but mail works.
"""
