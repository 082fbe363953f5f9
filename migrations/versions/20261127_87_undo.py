"""Note what letting somebody in has made, so that it can be taken back for a moment."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_87_undo"
down_revision = "20261127_86_limit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("access_request", sa.Column("made", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("access_request", "made")
