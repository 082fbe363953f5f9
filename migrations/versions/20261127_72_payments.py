"""Let levels word what is written when a payment was recorded."""

from alembic import op

revision = "20261127_72_payments"
down_revision = "20261127_71_verify"
branch_labels = None
depends_on = None

KINDS = (
    "access_email",
    "validation_confirmed",
    "new_primary",
    "previous_primary",
    "forgotten_user_name",
    "password_reset",
    "terms",
    "step_terms",
    "step_contact",
    "step_company",
    "step_questions",
    "summary_complete",
    "summary_incomplete",
    "contact_updated",
    "secondary_added",
)
RECEIVED = "payment_received"


def upgrade() -> None:
    _allow(*KINDS, RECEIVED)


def downgrade() -> None:
    op.execute("ALTER TABLE portal_text NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM portal_text WHERE kind = 'payment_received'")
    op.execute("ALTER TABLE portal_text FORCE ROW LEVEL SECURITY")
    _allow(*KINDS)


def _allow(*kinds: str) -> None:
    name, words = op.f("ck_portal_text_portaltextkind"), ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(name, "portal_text", type_="check")
    op.create_check_constraint(name, "portal_text", f"kind IN ({words})")
