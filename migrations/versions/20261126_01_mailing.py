"""Add what a complete mailing says: how documents go, copies, answers, texts around it, time zone of the schedule."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_01_mailing"
down_revision = "20261121_05_door"
branch_labels = None
depends_on = None

LISTS = ("extra_file_kinds", "cc", "bcc", "cc_roles", "bcc_roles")
ACCOUNT_TEXTS = ("header_html", "signature_html", "footer_html")


def upgrade() -> None:
    _add("mailing", _words("attach_mode", "attachmode", "attach", "link", "both"), "'attach'")
    for name in LISTS:
        _add("mailing", sa.Column(name, postgresql.ARRAY(sa.Text()), nullable=False), "'{}'")
    op.add_column("mailing", sa.Column("reply_to", sa.Text(), nullable=True))
    _add("mailing", sa.Column("bcc_once", sa.Boolean(), nullable=False), "true")
    op.add_column("mailing", sa.Column("scheduled_zone", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_mailing_file_kinds_are_known"),
        "mailing",
        "extra_file_kinds <@ ARRAY['xml', 'annex']::text[]",
    )
    _add(
        "mailing_range",
        _words("sent_filter", "sentfilter", "any", "unsent", "unsent_or_failed"),
        "'any'",
    )
    _add("customer_contact", _words("cc_mode", "copymode", "to", "cc", "bcc", "none"), "'to'")
    for name in ACCOUNT_TEXTS:
        _add("mail_account", sa.Column(name, sa.Text(), nullable=False), "''")
    op.add_column(
        "mail_account", sa.Column("largest_message_bytes", sa.BigInteger(), nullable=True)
    )
    op.create_check_constraint(
        op.f("ck_mail_account_largest_message_is_possible"),
        "mail_account",
        "largest_message_bytes >= 100000",
    )
    op.create_table(
        "delivery_copy",
        sa.Column("delivery_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.SmallInteger(), autoincrement=False, nullable=False),
        _words("role", "copyrole", "to", "cc", "bcc"),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_norm", sa.Text(), nullable=False),
        _words("state", "copystate", "waiting", "accepted", "refused", "left_out"),
        sa.Column("smtp_code", sa.SmallInteger(), nullable=True),
        sa.Column("smtp_text", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("fk_delivery_copy_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "contact_id"],
            ["contact.organization_id", "contact.id"],
            name=op.f("fk_delivery_copy_organization_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_delivery_copy_organization_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "n", name=op.f("pk_delivery_copy")),
    )
    op.execute("SELECT protect_table('delivery_copy')")
    op.execute("GRANT SELECT, UPDATE ON delivery_copy TO ventanilla_sender")
    op.execute(
        "CREATE POLICY sender_reads ON delivery_copy FOR SELECT TO ventanilla_sender USING (true)"
    )
    op.execute(
        "CREATE POLICY sender_settles ON delivery_copy FOR UPDATE TO ventanilla_sender"
        " USING (true) WITH CHECK (true)"
    )


def downgrade() -> None:
    op.drop_table("delivery_copy")
    for name in ("largest_message_bytes", *ACCOUNT_TEXTS):
        op.drop_column("mail_account", name)
    op.drop_column("customer_contact", "cc_mode")
    op.drop_column("mailing_range", "sent_filter")
    for name in ("attach_mode", *LISTS, "reply_to", "bcc_once", "scheduled_zone"):
        op.drop_column("mailing", name)


def _words(name: str, kind: str, *values: str) -> sa.Column[str]:
    """A column that takes these words only."""
    return sa.Column(
        name,
        sa.Enum(*values, name=kind, native_enum=False, create_constraint=True, length=40),
        nullable=False,
    )


def _add(table: str, column: "sa.Column[str]", default: str) -> None:
    """Add a required column; rows that are there get the default, which is then the model's."""
    column.server_default = sa.DefaultClause(sa.text(default))
    op.add_column(table, column)
    op.alter_column(table, column.name, server_default=None)
