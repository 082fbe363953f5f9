"""Addresses from people's names: `{inicial}{apellido}` makes `amunoz` of Andrés Muñoz (S4-11)."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from flask_babel import gettext as _

from errors import Invalid
from mail.envelope import LONGEST_LOCAL_PART

FIELD = re.compile(r"\{([^{}]*)\}")
# The words of both languages are always understood, whoever reads.
FIELDS = {
    **dict.fromkeys(("nombre", "first"), "first"),
    **dict.fromkeys(("inicial", "initial"), "initial"),
    **dict.fromkeys(("iniciales", "initials"), "initials"),
    **dict.fromkeys(("apellido", "last"), "last"),
    **dict.fromkeys(("apellidos", "lasts"), "lasts"),
}
PATTERNS = (
    "{inicial}{apellido}",
    "{nombre}.{apellido}",
    "{nombre}{apellido}",
    "{apellido}.{nombre}",
    "{nombre}",
)
# What belongs to the name after it: de la Cruz, van der Berg, do Nascimento.
PARTICLES = frozenset(
    [
        "de",
        "del",
        "la",
        "las",
        "los",
        "da",
        "das",
        "do",
        "dos",
        "di",
        "du",
        "le",
        "van",
        "von",
        "der",
        "den",
        "y",
        "e",
        "san",
        "santa",
        "mac",
        "mc",
    ]
)
# Letters that do not fall apart into a plain one and its accent.
LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)


def plain_letters(text: str) -> str:
    """The text in the letters that every mail server takes: Güiza is `guiza`."""
    apart = unicodedata.normalize("NFKD", text.lower().translate(LETTERS))
    return re.sub(r"[^a-z0-9._+-]", "", apart.encode("ascii", "ignore").decode())


def check_pattern(pattern: str) -> None:
    """Raises Invalid for a pattern that could not make addresses."""
    names = FIELD.findall(pattern)
    if not names or any(name.strip().lower() not in FIELDS for name in names):
        raise Invalid(
            _(
                "A pattern is made of {nombre}, {inicial}, {iniciales}, {apellido} and {apellidos}, such as {inicial}{apellido}."
            ),
            field="pattern",
        )
    if not re.fullmatch(r"[A-Za-z0-9._+-]*", FIELD.sub("", pattern)):
        raise Invalid(
            _("Between the fields stand letters, digits, point, hyphen and underscore only."),
            field="pattern",
        )


def propose(
    people: Iterable[tuple[int, str, str]], pattern: str, *, taken: Collection[str]
) -> dict[int, str]:
    """An address for each (key, name, domain) that makes one; those that are taken get a number, from 2 on.

    `taken` are addresses in lower case; names without usable letters are left out. Raises Invalid.
    """
    check_pattern(pattern)
    used = set(taken)
    found: dict[int, str] = {}
    for key, name, domain in people:
        local = _local_part(name, pattern)
        if not local or not domain:
            continue
        address, number = f"{local}@{domain}", 1
        while address in used:
            number += 1
            ending = str(number)
            address = f"{local[: LONGEST_LOCAL_PART - len(ending)]}{ending}@{domain}"
        used.add(address)
        found[key] = address
    return found


def _local_part(name: str, pattern: str) -> str:
    parts = _parts_of(name)
    if parts is None:
        return ""
    filled = FIELD.sub(lambda match: parts[FIELDS[match[1].strip().lower()]], pattern.lower())
    return re.sub(r"\.{2,}", ".", filled).strip(".")[:LONGEST_LOCAL_PART].strip(".")


def _parts_of(name: str) -> dict[str, str] | None:
    """The fields of a name. With four words or more the last two are surnames, with fewer the last one."""
    words: list[str] = []
    waiting = ""
    for word in name.split():
        plain = re.sub(r"[^a-z0-9]", "", plain_letters(word))
        if word.lower() in PARTICLES and words:
            waiting += plain
        elif plain:
            words.append(waiting + plain)
            waiting = ""
    if not words:
        return None
    given, surnames = (words[:-2], words[-2:]) if len(words) > 3 else (words[:-1], words[-1:])
    if not given:
        given, surnames = words, []
    return {
        "first": given[0],
        "initial": given[0][0],
        "initials": "".join(each[0] for each in given),
        "last": surnames[0] if surnames else "",
        "lasts": "".join(surnames),
    }
