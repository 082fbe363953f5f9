"""Let readers make, rename and delete folders: what they want stands at the folder until the server has done it."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_58_folders"
down_revision = "20261127_57_sync"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_folder", sa.Column("wanted_path", sa.Text(), nullable=True))
    op.add_column(
        "mail_folder",
        sa.Column("is_unwanted", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.alter_column("mail_folder", "is_unwanted", server_default=None)
    op.add_column("mail_folder", sa.Column("refusal", sa.Text(), nullable=True))
    op.create_index(
        "ix_mail_folder_wanted",
        "mail_folder",
        ["account_id"],
        postgresql_where=sa.text("wanted_path IS NOT NULL OR is_unwanted"),
    )


def downgrade() -> None:
    op.drop_index("ix_mail_folder_wanted", "mail_folder")
    for column in ("refusal", "is_unwanted", "wanted_path"):
        op.drop_column("mail_folder", column)
