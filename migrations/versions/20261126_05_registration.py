"""Add who asked for a mailing to be registered, when, and how often a worker has begun."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_registration"
down_revision = "20261126_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "mailing", sa.Column("register_asked_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("mailing", sa.Column("register_asked_by_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "mailing",
        sa.Column("register_starts", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
    )
    op.alter_column("mailing", "register_starts", server_default=None)


def downgrade() -> None:
    for name in ("register_starts", "register_asked_by_id", "register_asked_at"):
        op.drop_column("mailing", name)
