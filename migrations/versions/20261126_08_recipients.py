"""Add which message follows which, which exclusion was cured, when a copy bounced, and the indexes that lists of recipients need."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_recipients"
down_revision = "20261126_gallery"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("follows_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_delivery_organization_id_follows_id"),
        "delivery",
        "delivery",
        ["organization_id", "follows_id"],
        ["organization_id", "id"],
    )
    op.create_index(
        "ix_delivery_follows_id",
        "delivery",
        ["follows_id"],
        postgresql_where=sa.text("follows_id IS NOT NULL"),
    )
    op.create_index(
        "ix_delivery_state_by_reason",
        "delivery_state",
        ["mailing_id", "delivery_id"],
        postgresql_where=sa.text("reason_code IS NOT NULL"),
    )
    op.add_column(
        "delivery_copy", sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("mailing_exclusion", sa.Column("delivery_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_mailing_exclusion_organization_id_delivery_id"),
        "mailing_exclusion",
        "delivery",
        ["organization_id", "delivery_id"],
        ["organization_id", "id"],
    )
    op.create_index(
        "ix_mailing_exclusion_by_customer",
        "mailing_exclusion",
        ["organization_id", "customer_id"],
    )
    op.create_index(
        "ix_mailing_exclusion_delivery_id",
        "mailing_exclusion",
        ["delivery_id"],
        postgresql_where=sa.text("delivery_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_mailing_exclusion_by_customer", "mailing_exclusion")
    op.drop_column("mailing_exclusion", "delivery_id")
    op.drop_column("delivery_copy", "bounced_at")
    op.drop_index("ix_delivery_state_by_reason", "delivery_state")
    op.drop_index("ix_delivery_follows_id", "delivery")
    op.drop_column("delivery", "follows_id")
