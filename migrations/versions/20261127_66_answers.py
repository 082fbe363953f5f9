"""Find the answers of a customer without reading those of all others."""

from alembic import op

revision = "20261127_66_answers"
down_revision = "20261127_63_zip"
branch_labels = None
depends_on = None

NAME = "ix_quote_answer_by_customer"


def upgrade() -> None:
    op.create_index(NAME, "quote_answer", ["organization_id", "customer_id"])


def downgrade() -> None:
    op.drop_index(NAME, "quote_answer")
