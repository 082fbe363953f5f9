"""Add how many attempts were made before a person sent a message again, since patience begins anew then."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_attempts"
down_revision = "20261126_answers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "delivery_state",
        sa.Column("attempts_before", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )


def downgrade() -> None:
    op.drop_column("delivery_state", "attempts_before")
