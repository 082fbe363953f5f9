"""Documents to draw, complete and believable; a test names only what it is about."""

from datetime import UTC, datetime
from typing import Any

from files.document_page import (
    AccountTable,
    CustomerBlock,
    DocumentKind,
    DocumentPage,
    MovementRow,
    OrganizationBlock,
    PageLine,
    TaxRow,
)


def make_line(**fields: Any) -> PageLine:
    return PageLine(
        **{
            "description": "Cemento gris, saco de 50 kg",
            "quantity": "60",
            "unit_price": "31,90",
            "total": "1.914,00",
            "tax": "21 %",
            **fields,
        }
    )


def make_organization(**fields: Any) -> OrganizationBlock:
    return OrganizationBlock(
        **{
            "name": "Distribuidora Peñalba",
            "legal_name": "Distribuidora Peñalba, S. L.",
            "tax_id_label": "NIF",
            "tax_id": "B12345674",
            "address_lines": ("Calle Mayor, 1", "28013 Madrid"),
            "email": "cobros@penalba.test",
            **fields,
        }
    )


def make_movement(**fields: Any) -> MovementRow:
    return MovementRow(
        **{
            "day": "3 jul 2026",
            "kind": "invoice",
            "label": "FV-10482",
            "debit": "2.315,94",
            "credit": "",
            "balance": "2.815,94",
            **fields,
        }
    )


def make_account(**fields: Any) -> AccountTable:
    return AccountTable(
        **{
            "period_start": "1 jul 2026",
            "period_end": "31 jul 2026",
            "opening": "500,00",
            "movements": (make_movement(),),
            "debits": "2.315,94",
            "credits": "0,00",
            "closing": "2.815,94",
            "outstanding": "2.815,94",
            "ages": ("2.315,94", "500,00", "0,00", "0,00", "0,00", "0,00"),
            "is_owed": True,
            "is_in_favour": False,
            **fields,
        }
    )


def make_page(**fields: Any) -> DocumentPage:
    if fields.get("kind") is DocumentKind.STATEMENT:
        fields = {"account": make_account(), "lines": (), "taxes": (), **fields}
    return DocumentPage(
        **{
            "kind": DocumentKind.INVOICE,
            "language": "es",
            "number": "FV-10482",
            "currency": "€",
            "organization": make_organization(),
            "customer": CustomerBlock(
                name="Óptica Peñafiel, S. L.", tax_id_label="NIF", tax_id="B1"
            ),
            "lines": (make_line(),),
            "subtotal": "1.914,00",
            "taxes": (TaxRow(label="IVA 21 %", base="1.914,00", amount="401,94"),),
            "total": "2.315,94",
            "amount_due": "2.315,94",
            "issue_date": "3 jul 2026",
            "due_date": "2 ago 2026",
            "rendered_as_of": datetime(2026, 7, 3, 9, 30, tzinfo=UTC),
            "document_url": "https://portal.penalba.test/d/0197c1f2",
            **fields,
        }
    )
