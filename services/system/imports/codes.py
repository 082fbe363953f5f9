"""Cells that hold a code: a currency, a language, a type of tax id, roles."""

import re

from babel.numbers import list_currencies
from flask_babel import gettext as _

from errors import Invalid
from models.people.contact import ContactRole
from services.people.tax_ids import known_type
from services.system.imports.cells import CellReader, quoted

CURRENCIES = frozenset(list_currencies())
LANGUAGES = {
    "es": {"es", "spa", "español", "espanol", "castellano", "spanish"},
    "en": {"en", "eng", "english", "inglés", "ingles"},
    "pt": {"pt", "por", "português", "portugues", "portugués", "portuguese"},
}
ROLES = {
    ContactRole.BILLING: {"billing", "facturación", "facturacion", "pagos", "cobros"},
    ContactRole.STATEMENTS: {"statements", "estados", "extractos"},
    ContactRole.TECHNICAL: {"technical", "técnico", "tecnico"},
    ContactRole.APPROVER: {"approver", "aprobador", "aprobación", "aprobacion"},
    ContactRole.READONLY: {"readonly", "lectura", "consulta"},
}


def currency_code(reader: CellReader) -> str | None:
    """The code of a currency that exists, such as EUR."""
    text = reader.text("currency", longest=40)
    if text is None or text.upper() in CURRENCIES:
        return text.upper() if text else None
    reader.reject(
        "currency",
        _("“%(text)s” is not the code of a currency, such as EUR or COP.", text=quoted(text)),
    )
    return None


def language_code(reader: CellReader) -> str | None:
    """`es`, `en` or `pt`, also from their names and from codes with a region."""
    text = reader.text("language", longest=40)
    if text is None:
        return None
    bare = re.split(r"[-_]", text.lower())[0]
    for code, names in LANGUAGES.items():
        if bare in names:
            return code
    reader.reject(
        "language",
        _("“%(text)s” is not a language we write in: es, en or pt.", text=quoted(text)),
    )
    return None


def tax_id_type(reader: CellReader) -> str | None:
    """The full name of a type of tax id."""
    text = reader.text("tax_id_type", longest=40)
    if text is None:
        return None
    try:
        return known_type(text)
    except Invalid as problem:
        reader.reject("tax_id_type", problem.message)
        return None


def roles(reader: CellReader) -> list[str] | None:
    """The roles of a contact in the order of their list; None if the cell is blank."""
    text = reader.text("contact_roles", longest=200)
    if text is None:
        return None
    found: set[str] = set()
    for word in re.split(r"[\s,;|]+", text.lower()):
        role = next((role for role, names in ROLES.items() if word in names), None)
        if role is None and word:
            reader.reject(
                "contact_roles",
                _(
                    "“%(word)s” is not a role. There are: %(roles)s.",
                    word=quoted(word),
                    roles=", ".join(ContactRole),
                ),
            )
            return None
        if role:
            found.add(role.value)
    return [role.value for role in ContactRole if role.value in found]
