"""Seal the tokens of payment methods, like every other secret."""

from alembic import op

revision = "20261126_37_sealed_payment"
down_revision = "20261126_36_work"
branch_labels = None
depends_on = None

# What was kept in the clear cannot be sealed here, without the keys: whoever kept it adds it again.
FORGET = "DELETE FROM payment_method"


def upgrade() -> None:
    _forget()
    op.alter_column("payment_method", "token", new_column_name="token_sealed")


def downgrade() -> None:
    _forget()
    op.alter_column("payment_method", "token_sealed", new_column_name="token")


def _forget() -> None:
    op.execute("ALTER TABLE payment_method NO FORCE ROW LEVEL SECURITY")
    op.execute(FORGET)
    op.execute("ALTER TABLE payment_method FORCE ROW LEVEL SECURITY")
