"""The bar above every page while the books disagree."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from atrium.kit.remembered import Remembered
from atrium.ledger.guard import books_agree
from atrium.web.shell import register_news

_remembered = Remembered(books_agree)


def forget() -> None:
    """Look anew at the next page: something changed."""
    _remembered.forget()


def _bar(request: HttpRequest) -> SafeString:
    if request.headers.get("HX-Request"):
        forget()  # a page that was just told that something changed
    if _remembered.get():
        return SafeString("")
    return render_to_string("ledger/parts/books_disagree.html", {}, request)


register_news(_bar)
