"""Add statements of account: a kind of document with a period, its frozen movements, and runs that issue them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_statements"
down_revision = "20261126_attempts"
branch_labels = None
depends_on = None

MONEY = sa.Numeric(18, 4)
TABLES_WITH_KINDS = ("document", "number_series", "mailing_range")
KINDS = ("quote", "sales_order", "invoice", "credit_note")
STATES_BEFORE = (
    "(kind = 'quote' AND state IN ('draft', 'posted', 'expired', 'accepted', 'declined', 'void'))"
    " OR (kind = 'sales_order' AND state IN ('draft', 'posted', 'shipping', 'delivered', 'void'))"
    " OR (kind = 'invoice' AND state IN ('draft', 'posted', 'partially_paid', 'paid', 'void'))"
    " OR (kind = 'credit_note' AND state IN ('draft', 'posted', 'partially_paid', 'paid', 'void'))"
)
DEEDS = ("edit", "cell", "verb")
LINES_STAY = """
CREATE TRIGGER posted_lines_stay BEFORE INSERT OR UPDATE OR DELETE ON statement_line
  FOR EACH ROW EXECUTE FUNCTION posted_lines_stay();
"""
SEEN_IN_PORTAL = "EXISTS (SELECT 1 FROM document d WHERE d.id = document_id)"


def upgrade() -> None:
    for table in TABLES_WITH_KINDS:
        _check(table, "documentkind", _one_of("kind", *KINDS, "statement"))
    _check(
        "document",
        "state_fits_kind",
        f"{STATES_BEFORE} OR (kind = 'statement' AND state IN ('posted', 'void'))",
    )
    _check("bulk_run", "bulkdeed", _one_of("deed", *DEEDS, "statement"))
    op.add_column("document", sa.Column("period_start", sa.Date(), nullable=True))
    op.add_column("document", sa.Column("opening_balance", MONEY, nullable=True))
    op.add_column("document", sa.Column("aged", postgresql.ARRAY(MONEY), nullable=True))
    op.create_check_constraint(
        op.f("ck_document_statement_has_period"),
        "document",
        "(kind = 'statement') = (period_start IS NOT NULL AND opening_balance IS NOT NULL AND aged IS NOT NULL)",
    )
    op.create_check_constraint(
        op.f("ck_document_statement_is_not_owed"),
        "document",
        "kind <> 'statement' OR (period_start <= issue_date AND balance_due = 0)",
    )
    op.create_index(
        "uq_document_statement",
        "document",
        ["organization_id", "customer_id", "currency", "period_start", "issue_date"],
        unique=True,
        postgresql_where=sa.text("kind = 'statement' AND state <> 'void'"),
    )
    op.create_table(
        "statement_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "credit_note",
                "payment",
                "refund",
                name="movementkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("debit", MONEY, nullable=False),
        sa.Column("credit", MONEY, nullable=False),
        sa.Column("balance", MONEY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "debit >= 0 AND credit >= 0", name=op.f("ck_statement_line_sides_are_positive")
        ),
        sa.CheckConstraint(
            "debit = 0 OR credit = 0", name=op.f("ck_statement_line_one_side_moves")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_statement_line_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "document_id"],
            ["document.organization_id", "document.id"],
            name=op.f("fk_statement_line_organization_id_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_line")),
        sa.UniqueConstraint(
            "document_id", "position", name=op.f("uq_statement_line_document_id_position")
        ),
    )
    op.execute(f"SELECT protect_table('statement_line', $${SEEN_IN_PORTAL}$$)")
    op.execute(LINES_STAY)
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ventanilla_staff")


def downgrade() -> None:
    """The statements go with what they need; one that was mailed refuses that, since the ledger names it."""
    op.execute("ALTER TABLE document DISABLE TRIGGER posted_document_stays")
    op.drop_table("statement_line")
    op.execute("DELETE FROM document WHERE kind = 'statement'")
    op.execute("DELETE FROM number_series WHERE kind = 'statement'")
    op.execute("DELETE FROM mailing_range WHERE kind = 'statement'")
    op.execute("ALTER TABLE document ENABLE TRIGGER posted_document_stays")
    op.execute("DELETE FROM bulk_run WHERE deed = 'statement'")
    _check("bulk_run", "bulkdeed", _one_of("deed", *DEEDS))
    op.drop_index("uq_document_statement", "document")
    op.drop_constraint(op.f("ck_document_statement_is_not_owed"), "document")
    op.drop_constraint(op.f("ck_document_statement_has_period"), "document")
    for column in ("aged", "opening_balance", "period_start"):
        op.drop_column("document", column)
    _check("document", "state_fits_kind", STATES_BEFORE)
    for table in TABLES_WITH_KINDS:
        _check(table, "documentkind", _one_of("kind", *KINDS))


def _one_of(column: str, *words: str) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def _check(table: str, name: str, condition: str) -> None:
    """Put another condition in the place of a check."""
    full = op.f(f"ck_{table}_{name}")
    op.drop_constraint(full, table)
    op.create_check_constraint(full, table, condition)
