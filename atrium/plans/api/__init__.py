"""The JSON API's part of plans: a router for each noun."""

from ninja import Router

from atrium.plans.api import buying, subscriptions

PREFIX = ""
router = Router()
for noun in (subscriptions, buying):
    router.add_router("", noun.router)
