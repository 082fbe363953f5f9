"""Note that a customer took several documents as one ZIP."""

from alembic import op

revision = "20261127_63_zip"
down_revision = "20261127_65_unplaced"
branch_labels = None
depends_on = None

KINDS = (
    "signed_in",
    "viewed",
    "viewed_first",
    "downloaded",
    "accepted",
    "declined",
    "commented",
    "forwarded",
    "printed",
    "edited_profile",
    "edited_address",
    "changed_payment_method",
    "reviewed",
    "revoked_link",
)
SEVERAL = "downloaded_several"


def upgrade() -> None:
    _allow(*KINDS, SEVERAL)


def downgrade() -> None:
    op.execute("ALTER TABLE portal_event NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE portal_event SET kind = 'downloaded' WHERE kind = 'downloaded_several'")
    op.execute("ALTER TABLE portal_event FORCE ROW LEVEL SECURITY")
    _allow(*KINDS)


def _allow(*kinds: str) -> None:
    name, words = op.f("ck_portal_event_portaleventkind"), ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(name, "portal_event", type_="check")
    op.create_check_constraint(name, "portal_event", f"kind IN ({words})")
