"""Index the deliveries of a mailing that no sender has before it: what has ended is found without reading what waits."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_26_ended"
down_revision = "20261126_32_portal_walls"
branch_labels = None
depends_on = None

NAME = "ix_delivery_state_not_open"


def upgrade() -> None:
    op.create_index(
        NAME,
        "delivery_state",
        ["mailing_id", "delivery_id"],
        postgresql_where=sa.text("NOT is_open"),
    )


def downgrade() -> None:
    op.drop_index(NAME, "delivery_state")
