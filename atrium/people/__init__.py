"""Who is asking: people with accounts, guests with a cookie, and the keys of their programs.

Owns User, Guest, ApiKey and the session store. A cookie, a key or a session is kept only as a hash.
Whatever somebody makes has a ``person`` or a ``guest`` (``Owned``), and is found through
``visible_to(caller)`` alone.
"""
