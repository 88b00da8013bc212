import pytest

from atrium.chat.actions import attach, begin_turn, finish_turn, start_chat
from atrium.chat.models import Citation
from atrium.engines.protocol import Quote
from atrium.files.actions import delete_file, purge_file
from atrium.jobs.inline import run_due
from atrium.kit import clock
from atrium.people.models import User
from atrium.sources.models import Document, Passage
from tests import make
from tests.chat import scripted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice() -> User:
    return make.person(username="alice")


def test_a_file_removed_for_good_leaves_none_of_its_text_but_what_was_quoted(alice: User) -> None:
    """Its passages stayed, and went on being quoted."""
    by, now = make.caller(alice), clock.now()
    gone = make.document(by=alice, passages=["Leaves are green.", "Bread needs time."])
    stays = make.document(by=alice, name="other.txt")
    chat = start_chat(by=by, at=now)
    attach(chat=chat, documents=[gone, stays], at=now)
    answer = begin_turn(by=by, chat=chat, text="Why?", model=scripted.model(), at=now).answer
    passage = Passage.objects.get(text="Leaves are green.")
    quote = Quote(1, passage.pk, "Leaves are green.")
    finish_turn(answer=answer, text="> Leaves are green. [1]", quotes=[quote], at=now)

    file = delete_file(file=gone.file, by=by, at=now)
    run_due()
    assert Document.objects.count() == 2  # from the trash it can come back

    purge_file(file=file, at=now)
    run_due()
    assert Document.objects.get() == stays
    assert Passage.objects.get().document == stays
    cited = Citation.objects.get()
    assert (cited.passage, cited.words) == (None, "Leaves are green.")
