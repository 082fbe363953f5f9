"""Keep a mailing that is being written as it was typed, and let it go to every contact of a customer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_compose"
down_revision = "20261126_recipients"
branch_labels = None
depends_on = None

MODES = ("all", "customers", "groups", "roles", "primary", "contacts")
RULE = "ck_mailing_audience_audiencemode"


def upgrade() -> None:
    op.add_column("mailing", sa.Column("draft_form", postgresql.JSONB(), nullable=True))
    _allow(*MODES, "everybody")


def downgrade() -> None:
    op.execute("DELETE FROM mailing_audience WHERE mode = 'everybody'")
    _allow(*MODES)
    op.drop_column("mailing", "draft_form")


def _allow(*modes: str) -> None:
    words = ", ".join(f"'{mode}'" for mode in modes)
    op.drop_constraint(op.f(RULE), "mailing_audience")
    op.create_check_constraint(op.f(RULE), "mailing_audience", f"mode IN ({words})")
