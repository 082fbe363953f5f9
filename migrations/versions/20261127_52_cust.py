"""Let somebody say that a message is not of a customer; keep what counts of mailboxes found, what servers take, copies of drafts."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_52_cust"
down_revision = "20261127_49_eyes5"
branch_labels = None
depends_on = None

COUNTED = ("counted_accepted", "counted_placed", "counted_dead", "counted_missing")


def upgrade() -> None:
    op.add_column(
        "message_link",
        sa.Column("is_cut", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.alter_column("message_link", "is_cut", server_default=None)
    op.add_column("mail_account", sa.Column("server_largest_bytes", sa.BigInteger(), nullable=True))
    op.add_column("mail_sync", sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))
    for name in COUNTED:
        op.add_column(
            "mail_sync", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
        op.alter_column("mail_sync", name, server_default=None)
    op.create_index(
        "ix_mail_draft_copied",
        "mail_draft",
        ["saved_at"],
        postgresql_where=sa.text("state = 'writing' OR placement_id IS NOT NULL"),
    )
    op.create_index(
        "ix_mail_draft_placement_id",
        "mail_draft",
        ["placement_id"],
        postgresql_where=sa.text("placement_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_mail_draft_placement_id", table_name="mail_draft")
    op.drop_index("ix_mail_draft_copied", table_name="mail_draft")
    for name in ("counted_at", *COUNTED):
        op.drop_column("mail_sync", name)
    op.drop_column("mail_account", "server_largest_bytes")
    op.drop_column("message_link", "is_cut")
