"""Customers as a sheet says them: the rows of one number, each with at most one contact."""

from dataclasses import dataclass, field

from flask_babel import gettext as _

from errors import Invalid
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from services.people.tax_ids import PLAIN_NAMES, check_tax_id
from services.system.imports.cells import CellReader, heading_of, quoted
from services.system.imports.codes import currency_code, language_code, roles, tax_id_type
from services.system.imports.records import SheetRecord
from services.system.imports.sheet import Survey


@dataclass
class ContactDraft:
    """A contact of the sheet; `roles` None leaves them as they are."""

    reader: CellReader
    name: str | None
    email: EmailAddress | None
    roles: list[str] | None


@dataclass
class CustomerDraft:
    """A customer of the sheet; `said` has what its cells say, a blank cell says nothing."""

    record: SheetRecord
    number: str = ""
    said: dict[str, str] = field(default_factory=dict)
    said_on: dict[str, CellReader] = field(default_factory=dict)
    contacts: list[ContactDraft] = field(default_factory=list)
    readers: list[CellReader] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        return bool(self.record.wrong)

    def reject(self, field_name: str, reason: str) -> None:
        """Keep the customer out; the row is where the field was said, or the first one."""
        reader = self.said_on.get(field_name, self.readers[0])
        before = len(reader.wrong)
        reader.reject(field_name, reason)
        self.record.wrong += reader.wrong[before:]


def read_customer(record: SheetRecord, found: Survey) -> CustomerDraft:
    """The customer of these rows; what is wrong with it stands in `record.wrong`."""
    readers = [CellReader(row, found.mapping, found.notation) for row in record.rows]
    draft = CustomerDraft(record, readers=readers)
    # A column that is headed "NIT" says what kind of number it holds.
    implied = PLAIN_NAMES.get(heading_of("tax_id", found.mapping).strip().upper())
    for reader in readers:
        _read_number(draft, reader)
        _read_customer_cells(draft, reader, implied)
        _read_contact(draft, reader)
    record.take_wrong(readers)
    return draft


def checked_tax_id(
    draft: CustomerDraft, *, known_type: str | None = None, known_id: str | None = None
) -> dict[str, str]:
    """The type and the id to store, with what is known of the customer where the sheet says nothing."""
    said_type, said_id = draft.said.get("tax_id_type"), draft.said.get("tax_id")
    tax_id = said_id or known_id
    if not said_type and not said_id:
        return {}
    if not tax_id:
        return {"tax_id_type": said_type} if said_type else {}
    try:
        full, short = check_tax_id(tax_id, said_type or known_type)
    except Invalid as problem:
        draft.reject("tax_id" if said_id else "tax_id_type", problem.message)
        return {}
    return {"tax_id": short} | ({"tax_id_type": full} if full else {})


def _read_number(draft: CustomerDraft, reader: CellReader) -> None:
    number = reader.text("number", longest=40)
    if number is None and not reader.has_wrong("number"):
        reader.reject("number", _("This is missing."))
    draft.number = draft.number or number or ""


def _read_customer_cells(draft: CustomerDraft, reader: CellReader, implied: str | None) -> None:
    tax_id = reader.text("tax_id", longest=40)
    values = {
        "name": reader.text("name", longest=200),
        "tax_id_type": tax_id_type(reader) or (implied if tax_id else None),
        "tax_id": tax_id,
        "group": reader.text("group", longest=40),
        "language": language_code(reader),
        "currency": currency_code(reader),
    }
    for name, value in values.items():
        if value is None:
            continue
        if draft.said.setdefault(name, value) != value:
            reader.reject(
                name,
                _(
                    "Line %(line)d of the same customer says “%(value)s”.",
                    line=draft.said_on[name].row.line,
                    value=quoted(draft.said[name]),
                ),
            )
        draft.said_on.setdefault(name, reader)


def _read_contact(draft: CustomerDraft, reader: CellReader) -> None:
    name = reader.text("contact_name", longest=200)
    email = _email(reader)
    chosen = roles(reader)
    if reader.has_wrong("email"):
        return
    if name is None and email is None:
        if chosen:
            reader.reject("contact_name", _("This row has roles, but no contact."))
        elif reader is not draft.readers[0] and not reader.wrong:
            reader.reject(
                "number",
                _(
                    "This customer is already on line %(line)d, and there is no other contact here.",
                    line=draft.readers[0].row.line,
                ),
            )
        return
    for other in draft.contacts:
        same = other.email.normalised == email.normalised if other.email and email else False
        if same or (not email and not other.email and other.name == name):
            reader.reject(
                "email" if email else "contact_name",
                _("This contact is already on line %(line)d.", line=other.reader.row.line),
            )
            return
    draft.contacts.append(ContactDraft(reader, name, email, chosen))


def _email(reader: CellReader) -> EmailAddress | None:
    """The address, if mail could be sent to it."""
    text = reader.text("email", longest=254)
    if text is None:
        return None
    try:
        return EmailAddress.parse(text)
    except InvalidAddress:
        reader.reject("email", _("“%(text)s” is not an e-mail address.", text=quoted(text)))
        return None
