"""A gateway inside Atrium for trying things out: no money moves, and it misbehaves on request.

It is a house of its own. The adapter (``adapter``) reaches it only through ``bank``, whose
functions take and return what HTTP calls would; ``desk`` is what a payer presses on its pages;
``telling`` sends signed webhooks over HTTP, as any gateway does. It exists only outside of
production.
"""
