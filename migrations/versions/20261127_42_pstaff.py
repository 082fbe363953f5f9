"""Let staff ask somebody who wants access for more, and keep what was asked and answered with the request."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_42_pstaff"
down_revision = "20261127_41_plook"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "access_request",
        sa.Column(
            "enquiries",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            server_default=sa.text("'[]'::jsonb"),
        ),
    )
    op.alter_column("access_request", "enquiries", server_default=None)


def downgrade() -> None:
    op.drop_column("access_request", "enquiries")
