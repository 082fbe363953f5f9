"""P-20: the Portuguese catalogue has all that a customer can meet, and what is wrong in it is said."""

from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from translations import catalogue, customers_side
from translations.customers_side import STAFF_ONLY, customers_files

PORTUGUESE = Path(catalogue.__file__).parent / "pt" / "LC_MESSAGES" / "messages.po"


@pytest.fixture
def spoilt(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Catalog], None]], list[str]]:
    """What is said of the Portuguese catalogue once something was done to it."""

    def after(deed: Callable[[Catalog], None]) -> list[str]:
        with PORTUGUESE.open("rb") as file:
            read = read_po(file, locale="pt")
        deed(read)
        monkeypatch.setattr(catalogue, "stored", lambda lang: read)
        return catalogue.problems("pt")

    return after


def test_P_20_nothing_is_wrong_with_it() -> None:
    assert catalogue.problems("pt") == []


def test_P_20_a_missing_sentence_is_said(spoilt) -> None:
    assert spoilt(lambda read: read.delete("Your data were saved.")) == [
        "pt: not translated: 'Your data were saved.'"
    ]


def test_P_20_a_doubtful_sentence_is_said(spoilt) -> None:
    def doubt(read: Catalog) -> None:
        read.get("Your data were saved.").flags.add("fuzzy")

    assert spoilt(doubt) == ["pt: fuzzy: 'Your data were saved.'"]


@pytest.mark.parametrize(
    "sentence", ["%(amount)s overdue", "Your user names at {{ company.name }}"]
)
def test_P_20_other_places_to_fill_in_are_said(spoilt, sentence: str) -> None:
    def lose(read: Catalog) -> None:
        read.get(sentence).string = "em atraso"

    assert spoilt(lose) == [f"pt: other placeholders: {sentence!r}"]


@pytest.mark.parametrize(
    "file",
    [
        "app.py",
        "portal/home.py",
        "services/portal/quote_answers.py",
        "services/portal/built_in_texts.py",
        "services/system/sentences_of_files.py",
        "services/mailings/document_block.py",
        "services/people/tax_ids.py",
        "models/sales/document_state.py",
        "templates/portal/home.html",
        "templates/errors/page.html",
        "templates/emails/portal-comment/body.txt",
        "templates/admin/_macros.html",
        "templates/document.html",
    ],
)
def test_P_20_what_customers_meet_is_on_their_side(file: str) -> None:
    assert file in customers_files()


@pytest.mark.parametrize("place", ["admin_views/", "templates/admin/crud", "commands/", "seed/"])
def test_P_20_what_staff_alone_meet_is_not(place: str) -> None:
    assert not [file for file in customers_files() if file.startswith(place)]


def test_P_20_every_exception_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that the portal does not reach needs no exception."""
    monkeypatch.setattr(customers_side, "STAFF_ONLY", ())
    reached = customers_files()
    assert [each for each in STAFF_ONLY if not any(fnmatch(file, each) for file in reached)] == []
