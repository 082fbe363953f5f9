"""Keep the catalogues complete: `python -m translations.catalogue update|check`.

English sentences stand in the code; the `messages.po` of each language has the others. Spanish has all of them,
Portuguese those that a customer can meet (`customers_side.py`). `update` adds what is new (empty, to be translated)
and drops what is gone; `check` fails if anything is missing, fuzzy, or has other placeholders.
"""

import io
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from translations.customers_side import customers_files

HERE = Path(__file__).resolve().parent
WHOLE = ("es",)  # what staff read
OF_CUSTOMERS = ("pt",)  # what only customers read
KEYWORDS = {
    "N_": None,
    "_": None,
    "_l": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),  # where one English word has several in another language
}
PLACEHOLDER = re.compile(r"%\((\w+)\)|{{ ([\w.]+) }}")


def sentences_of_the_code(lang: str) -> Catalog:
    """Every sentence that a person may read in this language, with where it stands."""
    files = customers_files() if lang in OF_CUSTOMERS else None
    catalogue = Catalog(project="Ventanilla", fuzzy=False, locale=lang)
    for name, line, message, comments, context in _found_in_the_code():
        if files is None or name in files:
            catalogue.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return catalogue


@cache
def _found_in_the_code() -> list[Any]:
    """Read once for all languages: it takes seconds."""
    with (HERE / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(HERE.parent, methods, options, KEYWORDS, ("Translators:",))
    return list(found)


def stored(lang: str) -> Catalog:
    """The catalogue of this language as it is."""
    with _file_of(lang).open("rb") as file:
        return read_po(file, locale=lang)


def update(lang: str) -> None:
    """Take new sentences in and old ones out; where they stand is not kept (it changes daily)."""
    file = _file_of(lang)
    catalogue = (
        stored(lang) if file.exists() else Catalog(locale=lang, project="Ventanilla", fuzzy=False)
    )
    catalogue.update(sentences_of_the_code(lang), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    target = io.BytesIO()
    write_po(target, catalogue, no_location=True, sort_output=True, omit_header=False, width=110)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(target.getvalue())


def problems(lang: str) -> list[str]:
    """What is missing or does not fit, a line each."""
    catalogue = stored(lang)
    found = []
    for message in sentences_of_the_code(lang):
        if message.id:
            known = catalogue.get(message.id, message.context)
            found += [f"{lang}: {problem}: {message.id!r}" for problem in _problems_of(known)]
    return found


def _file_of(lang: str) -> Path:
    return HERE / lang / "LC_MESSAGES" / "messages.po"


def _problems_of(known: Message | None) -> list[str]:
    if known is None or not all(_texts(known.string)):
        return ["not translated"]
    if known.fuzzy:
        return ["fuzzy"]
    # In a plural the number may be left out of one form ("un cliente").
    wanted = {name for text in _texts(known.id) for name in PLACEHOLDER.findall(text)}
    given = {name for text in _texts(known.string) for name in PLACEHOLDER.findall(text)}
    return [] if given <= wanted and wanted - given <= {("num", "")} else ["other placeholders"]


def _texts(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [""])


if __name__ == "__main__":
    languages = (*WHOLE, *OF_CUSTOMERS)
    if sys.argv[1:] == ["update"]:
        for lang in languages:
            update(lang)
    found = [line for lang in languages for line in problems(lang)]
    for line in found:
        sys.stdout.write(f"{line}\n")
    sys.exit(1 if found and sys.argv[1:] == ["check"] else 0)
