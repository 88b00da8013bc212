"""Talking with models: chats, their turns, and the streams that carry an answer to who reads it.

Owns Chat, Turn, Attachment and Citation. An answer belongs to its chat, not to the request that
asked for it: it goes on after a reload or a lost line, and only Stop ends it. The text shown is the
text charged.
"""
