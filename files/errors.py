"""What can go wrong with files.

This room knows no language but English: `sentence` is marked for translation and `values` fill
its placeholders, so that a door can show `gettext(error.sentence) % error.values`.
"""

from errors import Invalid, Unavailable


def N_(sentence: str) -> str:  # the name by which pybabel finds sentences
    """Mark a sentence for the catalogue without translating it here."""
    return sentence


class FileProblem(Invalid):
    """What is wrong with a file, as a sentence that can be translated and filled in."""

    def __init__(self, sentence: str, **values: str | int) -> None:
        super().__init__(sentence % values)
        self.sentence = sentence
        self.values = values


class UnreadableFile(FileProblem):
    """The file that came in cannot be read as a sheet, or is too large to try."""


class UnusableDocument(FileProblem):
    """A document cannot be drawn with the values that were given."""


class UnreadablePdf(FileProblem):
    """A PDF cannot be drawn page by page."""


class StoreUnavailable(Unavailable):
    """The place that FILES_URL names cannot be reached or used."""
