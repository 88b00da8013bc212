import asyncio
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from getpass import getuser
from typing import Any

from django.core.management.base import CommandError

from atrium.engines import actions
from atrium.engines.adapters.listing import models_at
from atrium.engines.models import Provider
from atrium.engines.protocol import EngineTrouble
from atrium.kit import clock
from atrium.kit.command import Answer, OperatorCommand
from atrium.kit.credits import MICRO
from atrium.kit.errors import Refusal


class Command(OperatorCommand):
    help = "Connect what answers: servers that speak OpenAI's, Anthropic's or Gemini's protocol."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["connect", "list", "disconnect"])
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--kind", choices=["openai", "anthropic", "gemini"], default="openai")
        parser.add_argument("--url", default="")
        parser.add_argument("--key", default="", help="“-” reads it from the standard input")
        parser.add_argument("--models", default="", help="names with commas; else it is asked")
        parser.add_argument("--input-price", default="0", help="credits per million tokens")
        parser.add_argument("--output-price", default="0", help="credits per million tokens")

    def answer(self, *, verb: str, name: str, **options: Any) -> Answer:
        if verb == "list":
            return _list()
        if not name:
            raise CommandError("Write: engine connect NAME --url URL | list | disconnect NAME.")
        if verb == "disconnect":
            return _disconnect(name)
        try:
            return _connect(name, **options)
        except (Refusal, EngineTrouble) as trouble:
            raise CommandError(str(trouble)) from trouble


def _connect(name: str, *, kind: str, url: str, key: str, models: str, **options: Any) -> Answer:
    key = input() if key == "-" else key
    named = [one.strip() for one in models.split(",") if one.strip()]
    found = named or asyncio.run(models_at(kind=kind, url=url, key=key))
    prices = actions.Prices(_micro(options["input_price"]), _micro(options["output_price"]))
    provider = actions.connect(
        name=name,
        kind=kind,
        url=url,
        key=key,
        models=found,
        prices=prices,
        by=f"console:{getuser()}",
        at=clock.now(),
    )
    offered = list(provider.offers.filter(enabled=True).values_list("slug", flat=True))
    return Answer(
        {"id": str(provider.pk), "name": provider.name, "models": offered},
        [f"{provider.name} is connected: {', '.join(offered)}"],
    )


def _disconnect(name: str) -> Answer:
    provider = Provider.objects.filter(name=name).exclude(kind=Provider.Kind.BUILT_IN).first()
    if provider is None:
        raise CommandError(f"No engine here is called {name}.")
    actions.disconnect(provider=provider, by=f"console:{getuser()}", at=clock.now())
    return Answer({"name": name, "enabled": False}, [f"{name} is not asked any more."])


def _list() -> Answer:
    found = [
        {
            "name": provider.name,
            "kind": provider.kind,
            "url": provider.url,
            "enabled": provider.enabled,
            "models": [model.slug for model in provider.offers.all() if model.enabled],
        }
        for provider in Provider.objects.prefetch_related("offers")
    ]
    lines = [f"{one['name']}  {one['kind']}  {one['url']}" for one in found]
    return Answer(found, lines)


def _micro(credits_told: str) -> int:
    try:
        micro = Decimal(credits_told) * MICRO
    except InvalidOperation:
        raise CommandError(f"{credits_told} is no price.") from None
    if not micro.is_finite() or micro != micro.to_integral_value():
        raise CommandError(f"{credits_told} is no price: a credit has a million parts.")
    return int(micro)
