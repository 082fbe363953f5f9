"""The company, as all pages of its portal show it: before the door, behind it, and at the end of a link."""

from dataclasses import dataclass

from models.people.organization import Organization
from portal.look import colours_url, logo_url
from services.people.tax_ids import plain_name, shown_tax_id


@dataclass(frozen=True)
class Sender:
    """What a page tells of the company, and where its colour and its logo are."""

    title: str
    company: str
    tax_id: str
    email: str
    colours_url: str
    logo_url: str | None


def sender_of(organization: Organization, title: str) -> Sender:
    """What a page tells of the company."""
    tax_id = ""
    if organization.tax_id:
        kind = plain_name(organization.tax_id_type) if organization.tax_id_type else ""
        tax_id = f"{kind} {shown_tax_id(organization.tax_id, organization.tax_id_type)}".strip()
    return Sender(
        title=title,
        company=organization.legal_name or organization.name,
        tax_id=tax_id,
        email=organization.email or "",
        colours_url=colours_url(organization),
        logo_url=logo_url(organization),
    )
