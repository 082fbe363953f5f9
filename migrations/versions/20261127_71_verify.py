"""Find the document of a file without reading those of all others."""

from alembic import op

revision = "20261127_71_verify"
down_revision = "20261127_70_holds"
branch_labels = None
depends_on = None

NAME = "ix_document_file_by_file"


def upgrade() -> None:
    op.create_index(NAME, "document_file", ["organization_id", "file_id"])


def downgrade() -> None:
    op.drop_index(NAME, "document_file")
