"""Add an index of the bulk changes that are under way: the clock asks for them every half minute, among all that ever were."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_speed"
down_revision = "20261126_drafts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_bulk_run_running",
        "bulk_run",
        ["id"],
        postgresql_where=sa.text("state = 'running'"),
    )


def downgrade() -> None:
    op.drop_index("ix_bulk_run_running", "bulk_run")
