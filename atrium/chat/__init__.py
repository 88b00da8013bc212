"""Talking with models: chats, their turns, and the streams that carry an answer to who reads it.

Owns Chat, Turn, Attachment, AskedPicture, Citation, Collaborator, SharedCopy and Fork. An answer
belongs to its chat, not to the request that asked for it: it goes on after a reload or a lost line,
and only Stop ends it. The text shown is the text charged. Who may see a chat and what they may do
in it is said in ``access`` alone; a shared copy is frozen, and opens to whoever has its link.
"""
