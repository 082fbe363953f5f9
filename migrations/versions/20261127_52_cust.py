"""Let somebody say that a message is not of a customer, though it comes from their address."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_52_cust"
down_revision = "20261127_49_eyes5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "message_link",
        sa.Column("is_cut", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.alter_column("message_link", "is_cut", server_default=None)


def downgrade() -> None:
    op.drop_column("message_link", "is_cut")
