"""Note since when a message lies in no folder any more: a while later it is deleted."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_65_unplaced"
down_revision = "20261127_58_folders"
branch_labels = None
depends_on = None

POINTING = (
    ("comment", "ix_comment_of_message", "message_id"),
    ("mail_draft", "ix_mail_draft_follows_id", "follows_id"),
)


def upgrade() -> None:
    op.add_column("message", sa.Column("unplaced_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_message_unplaced",
        "message",
        ["organization_id", "unplaced_at"],
        postgresql_where=sa.text("unplaced_at IS NOT NULL"),
    )
    # Asked for whenever one goes.
    for table, name, column in POINTING:
        op.create_index(
            name,
            table,
            ["organization_id", column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )


def downgrade() -> None:
    for table, name, _column in POINTING:
        op.drop_index(name, table)
    op.drop_index("ix_message_unplaced", "message")
    op.drop_column("message", "unplaced_at")
