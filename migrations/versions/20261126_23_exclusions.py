"""Keep with an exclusion what the customer or the contact would have got."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_23_exclusions"
down_revision = "20261126_speed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "mailing_exclusion",
        sa.Column(
            "document_ids",
            postgresql.ARRAY(sa.BigInteger()),
            nullable=False,
            server_default=sa.text("'{}'"),
        ),
    )
    op.alter_column("mailing_exclusion", "document_ids", server_default=None)


def downgrade() -> None:
    op.drop_column("mailing_exclusion", "document_ids")
