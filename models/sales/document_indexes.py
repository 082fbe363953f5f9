"""In which orders documents are found quickly: lists by every column, numbers, what is owed, what is open."""

from sqlalchemy import Index, text

from models.sales.document_state import (
    OPEN_DOCUMENT,
    OWED_INVOICE,
    UNPAID_INVOICE,
    WAITING_QUOTE,
)


def document_indexes() -> tuple[Index, ...]:
    """The indexes of the table `document` that stand on its own columns."""
    return (
        Index(
            "uq_document_number",
            "organization_id",
            "kind",
            "series",
            "number_int",
            unique=True,
            postgresql_where=text("number IS NOT NULL"),
        ),
        Index("ix_document_by_customer", "organization_id", "customer_id", "issue_date", "id"),
        Index("ix_document_listed", "organization_id", "customer_id", "kind", "issue_date", "id"),
        Index("ix_document_by_date", "organization_id", "kind", "issue_date", "id"),
        Index("ix_document_by_due_date", "organization_id", "kind", "due_date", "id"),
        Index("ix_document_by_total", "organization_id", "kind", "total", "id"),
        Index("ix_document_by_label", "organization_id", "kind", "label", "id"),
        Index("ix_document_by_state", "organization_id", "kind", "state", "issue_date", "id"),
        Index(
            "ix_document_unpaid",
            "organization_id",
            "currency",
            "due_date",
            postgresql_include=["balance_due", "customer_id", "branch_id"],
            postgresql_where=text(UNPAID_INVOICE),
        ),
        Index(
            "ix_document_open",
            "organization_id",
            "customer_id",
            "currency",
            "due_date",
            postgresql_include=["kind", "state", "balance_due"],
            postgresql_where=text(OPEN_DOCUMENT),
        ),
        Index(
            "ix_document_owed",
            "organization_id",
            "customer_id",
            "due_date",
            "id",
            postgresql_where=text(OWED_INVOICE),
        ),
        Index(
            "ix_document_waiting",
            "organization_id",
            "customer_id",
            "due_date",
            "id",
            postgresql_where=text(WAITING_QUOTE),
        ),
        Index(
            "ix_document_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )
