"""N-03: what is odd about the words: their language, and fields without a value."""

from models.mailings.anomaly import AnomalyKind
from services.mailings.anomalies import OF_MAILING, OF_MESSAGES, OF_ORGANIZATION, OF_SENDER
from services.mailings.fields import FIELDS
from tests.factories.people import make_contact, make_customer
from tests.services.mailings.anomalies.conftest import Register
from tests.services.mailings.anomalies.looking import found, invoice, message_of


def test_a_text_in_another_language(register: Register) -> None:
    """N-03: language that differs: the contact's own, else the customer's."""
    english = make_customer(lang="en", tax_id="1")
    make_contact(english)
    spanish = make_customer(lang="en", tax_id="2")
    make_contact(spanish, lang="es-CO")
    document = invoice(english)

    mailing = register(document, invoice(spanish), lang="es")

    (odd,) = found(mailing)
    assert (odd.kind, odd.delivery_id) == (
        AnomalyKind.OTHER_LANGUAGE, message_of(mailing, document),
    )  # fmt: skip
    assert odd.detail == {"text": "es", "wanted": "en"}


def test_a_variant_is_the_right_language(register: Register) -> None:
    english = make_customer(lang="en", tax_id="1")
    make_contact(english)

    mailing = register(invoice(english), variants={"en": {"subject": "S", "body_html": "<p>B</p>"}})

    assert found(mailing) == []


def test_a_field_without_value_in_one_message(register: Register) -> None:
    """N-03: which field it is stands in the anomaly."""
    nameless = make_customer(tax_id=None)
    make_contact(nameless)
    document = invoice(nameless, bill_to={"name": "N", "tax_id": "1"})

    mailing = register(document, invoice(), body_html="<p>NIT {{ customer.tax_id }}</p>")

    (odd,) = found(mailing)
    assert (odd.kind, odd.delivery_id) == (AnomalyKind.EMPTY_FIELD, message_of(mailing, document))
    assert odd.detail == {"field": "customer.tax_id"}


def test_a_field_without_value_in_all_messages_is_told_once(register: Register) -> None:
    mailing = register(invoice(), invoice(), body_html="<p>{{ organization.phone }}</p>")

    (odd,) = found(mailing)
    assert (odd.kind, odd.delivery_id, odd.customer_id) == (AnomalyKind.EMPTY_FIELD, None, None)
    assert odd.detail == {"field": "organization.phone"}


def test_every_field_is_either_always_filled_or_looked_at() -> None:
    """A new field has to be put on one side."""
    always = {name for name in FIELDS if name.startswith(("document.", "documents."))}

    assert always | OF_MESSAGES | set(OF_ORGANIZATION) | OF_SENDER | set(OF_MAILING) == set(FIELDS)
