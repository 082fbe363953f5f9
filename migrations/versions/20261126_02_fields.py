"""Add how people called what they attached to a document, since the same content may have several names."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_fields"
down_revision = "20261126_01_mailing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("document_file", sa.Column("name", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("document_file", "name")
