"""Let staff say how much a customer may owe, so that their page tells how much of it is used."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_86_limit"
down_revision = "20261127_72_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customer", sa.Column("credit_limit", sa.Numeric(18, 4), nullable=True))
    op.create_check_constraint(
        op.f("ck_customer_credit_limit_is_an_amount"), "customer", "credit_limit > 0"
    )


def downgrade() -> None:
    op.drop_column("customer", "credit_limit")
