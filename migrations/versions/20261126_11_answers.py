"""Add from when on the answers to a mailing's messages count: a retry begins anew."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_answers"
down_revision = "20261126_watch"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mailing", sa.Column("answers_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("mailing", "answers_since")
