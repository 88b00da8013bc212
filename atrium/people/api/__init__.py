"""People's part of the JSON API: a router for each noun."""

from ninja import Router

from atrium.people.api import history, keys, portrait, sessions, tokens

PREFIX = ""
router = Router()
for noun in (tokens, keys, sessions, history, portrait):
    router.add_router("", noun.router)
