from django.http import Http404, HttpRequest, HttpResponse

from atrium.handbook.book import chapter_called, chapters
from atrium.web.markdown import render
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="anyone")
def book(request: HttpRequest) -> HttpResponse:
    """The handbook's table of contents."""
    return render_page(request, "handbook/book.html", {"chapters": chapters()})


@page("GET", who="anyone")
def chapter(request: HttpRequest, chapter_slug: str) -> HttpResponse:
    """One chapter, in the reader's language."""
    shown = chapter_called(chapter_slug)
    if shown is None:
        raise Http404
    book = chapters()
    at = book.index(shown)
    context = {
        "chapter": shown,
        "sections": [(section, render(section.text)) for section in shown.sections],
        "chapters": book,
        "before": book[at - 1] if at else None,
        "after": book[at + 1] if at + 1 < len(book) else None,
    }
    return render_page(request, "handbook/chapter.html", context)
