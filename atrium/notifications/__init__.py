"""Telling a person: on the bell page at once, and by mail when they chose so.

Owns Notification, Choice, Mail (one letter, sent once), Address (whether letters arrive), and
Announcement with its Dismissals: what the operator tells everybody in a bar above each page.
A notification is written in the transaction that caused it and shown in the reader's language.
No job row holds a link that lets somebody in. Without a mail server everything but mail works.
"""
