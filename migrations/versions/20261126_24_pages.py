"""Note which page began a mailing, so that a page that asks twice does not make two."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_24_pages"
down_revision = "20261126_23_exclusions"
branch_labels = None
depends_on = None

RULE = "uq_mailing_draft_organization_id_made_by_page"


def upgrade() -> None:
    op.add_column("mailing_draft", sa.Column("made_by_page", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f(RULE), "mailing_draft", ["organization_id", "made_by_page"])


def downgrade() -> None:
    op.drop_constraint(op.f(RULE), "mailing_draft")
    op.drop_column("mailing_draft", "made_by_page")
