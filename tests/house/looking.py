"""A page examined as people see it: wide and on a phone, in light and in dark."""

import os
from itertools import product
from typing import Literal

from playwright.sync_api import Page, ViewportSize

from tests.house.browser import axe, screenshot

Theme = Literal["light", "dark"]

SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
}
THEMES: tuple[Theme, ...] = ("light", "dark")

SIDEWAYS = """() => {
  const wide = document.documentElement.clientWidth;
  const beyond = ({left, right}) => left < 0 || right > wide;
  return [document.documentElement, ...document.querySelectorAll(".scroll")]
    .filter((box) => box.scrollWidth > box.clientWidth)
    .flatMap((box) => [
      box.outerHTML.slice(0, 40),
      ...[...box.querySelectorAll("*")]
        .filter((one) => beyond(one.getBoundingClientRect()))
        .slice(0, 3).map((one) => one.outerHTML.slice(0, 80)),
    ]);
}"""
"""Says what can be scrolled sideways, and which parts of it reach beyond the window."""


def sideways(page: Page) -> list[str]:
    """Return what is wider than the window, and the first parts that make it so."""
    found: list[str] = page.evaluate(SIDEWAYS)
    return found


def look(page: Page, name: str) -> None:
    """Examine the page as it stands: axe finds nothing, and nothing is wider than the window.

    Once wide and light, once on a phone in the dark, which is every colour and every width; in all
    four ways, with pictures, where ATRIUM_TEST_PICTURES is set.
    """
    pictures = "ATRIUM_TEST_PICTURES" in os.environ
    for size, theme in product(SIZES, THEMES) if pictures else zip(SIZES, THEMES, strict=True):
        page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert axe(page) == [], f"{name} {size} {theme}"
        assert sideways(page) == [], f"{name} {size}"
        if pictures:
            screenshot(page, f"{name}-{size}-{theme}")
    page.set_viewport_size(SIZES["wide"])
