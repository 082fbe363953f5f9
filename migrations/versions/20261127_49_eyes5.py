"""Let a domain be one portal's only once its record was found: a claim alone keeps nobody out."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_49_eyes5"
down_revision = "20261127_47_mcompose"
branch_labels = None
depends_on = None

NAME = "uq_portal_settings_custom_domain"
DOMAIN = sa.text("lower(custom_domain)")


# Whose record was found at the last check was seen then, not only when it was found first.
SEEN_LAST = """
UPDATE portal_settings SET domain_verified_at = domain_checked_at
 WHERE domain_verified_at IS NOT NULL AND domain_checked_at IS NOT NULL
"""


def upgrade() -> None:
    op.execute("ALTER TABLE portal_settings NO FORCE ROW LEVEL SECURITY")
    op.execute(SEEN_LAST)
    op.execute("ALTER TABLE portal_settings FORCE ROW LEVEL SECURITY")
    op.drop_index(NAME, "portal_settings")
    op.create_index(
        NAME,
        "portal_settings",
        [DOMAIN],
        unique=True,
        postgresql_where=sa.text("domain_verified_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(NAME, "portal_settings")
    op.create_index(NAME, "portal_settings", [DOMAIN], unique=True)
