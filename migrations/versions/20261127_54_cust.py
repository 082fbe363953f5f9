"""Keep how large a message the server of an account takes; find the drafts whose copies are not as they should be."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_54_cust"
down_revision = "20261127_50_five"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_account", sa.Column("server_largest_bytes", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_mail_draft_copied",
        "mail_draft",
        ["saved_at"],
        postgresql_where=sa.text("state = 'writing' OR placement_id IS NOT NULL"),
    )
    op.create_index(
        "ix_mail_draft_placement_id",
        "mail_draft",
        ["placement_id"],
        postgresql_where=sa.text("placement_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_mail_draft_placement_id", table_name="mail_draft")
    op.drop_index("ix_mail_draft_copied", table_name="mail_draft")
    op.drop_column("mail_account", "server_largest_bytes")
