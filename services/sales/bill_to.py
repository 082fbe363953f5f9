"""The customer as a document shows it: a copy that stays as it was when the document was posted."""

from typing import Any

from models.people.customer import AddressKind, Customer


def bill_to(customer: Customer) -> dict[str, Any]:
    """Name, tax id and billing address (else the first one) of the customer, for `Document.bill_to`."""
    of_kind = {address.kind: address for address in reversed(customer.addresses)}
    address = of_kind.get(AddressKind.BILLING) or next(iter(customer.addresses), None)
    return {
        "name": customer.name,
        "legal_name": customer.legal_name,
        "tax_id": customer.tax_id,
        "tax_id_type": customer.tax_id_type,
        "street": address.street if address else None,
        "postcode": address.postcode if address else None,
        "city": address.city if address else None,
        "region": address.region if address else None,
        "country": address.country if address else None,
    }
