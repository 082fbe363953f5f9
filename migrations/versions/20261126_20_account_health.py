"""Add since when a mail account rests and fails, and when its password was written."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_20_account_health"
down_revision = "20261126_16_accounts"
branch_labels = None
depends_on = None

COLUMNS = ("paused_at", "failing_since", "password_set_at")


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("mail_account", sa.Column(column, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_column("mail_account", column)
