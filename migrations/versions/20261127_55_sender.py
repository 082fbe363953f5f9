"""Keep who sent a message for its author; what was read before says nothing of it."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_55_sender"
down_revision = "20261127_54_cust"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("sender_name", "sender_address"):
        op.add_column("message", sa.Column(name, sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("message", "sender_address")
    op.drop_column("message", "sender_name")
