"""People's part of the JSON API: a router for each noun."""

from ninja import Router

from atrium.people.api import history, keys, portrait, sessions, terms, tokens

PREFIX = ""
router = Router()
for noun in (tokens, keys, sessions, history, portrait, terms):
    router.add_router("", noun.router)
