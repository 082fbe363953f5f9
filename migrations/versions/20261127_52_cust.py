"""Let somebody say that a message is not of a customer; keep what the nightly count of a mailbox found."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_52_cust"
down_revision = "20261127_51_bounce"
branch_labels = None
depends_on = None

COUNTED = ("counted_accepted", "counted_placed", "counted_dead", "counted_missing")


def upgrade() -> None:
    op.add_column(
        "message_link",
        sa.Column("is_cut", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.alter_column("message_link", "is_cut", server_default=None)
    op.add_column("mail_sync", sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))
    for name in COUNTED:
        op.add_column(
            "mail_sync", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
        op.alter_column("mail_sync", name, server_default=None)


def downgrade() -> None:
    for name in ("counted_at", *COUNTED):
        op.drop_column("mail_sync", name)
    op.drop_column("message_link", "is_cut")
