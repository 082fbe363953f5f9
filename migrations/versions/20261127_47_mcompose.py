"""Add what writing messages needs: names of files, documents as links, how far a sent message has been filed."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_47_mcompose"
down_revision = "20261127_46_mscreen"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_draft_file", sa.Column("name", sa.Text(), nullable=False))
    op.add_column("mail_draft_file", sa.Column("as_link", sa.Boolean(), nullable=False))
    op.add_column("mail_draft", sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_mail_draft_unfiled",
        "mail_draft",
        ["id"],
        postgresql_where=sa.text("state = 'sent' AND filed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_mail_draft_unfiled", table_name="mail_draft")
    op.drop_column("mail_draft", "filed_at")
    op.drop_column("mail_draft_file", "as_link")
    op.drop_column("mail_draft_file", "name")
