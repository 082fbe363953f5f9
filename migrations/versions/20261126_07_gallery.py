"""Add what looks odd in a mailing, so that a person sees it before it starts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_gallery"
down_revision = "20261126_bulk"
branch_labels = None
depends_on = None

KINDS = (
    *("no_address", "bounced_before", "shared_address", "zero_total", "negative_total"),
    *("unusual_total", "other_language", "sent_before", "empty_field", "large_message"),
    *("past_due", "missing_party"),
)


def upgrade() -> None:
    kind = sa.Enum(*KINDS, name="anomalykind", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "mailing_anomaly",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "dismissed_at IS NOT NULL OR dismissed_by_id IS NULL",
            name=op.f("ck_mailing_anomaly_dismissal_has_time"),
        ),
        sa.ForeignKeyConstraint(
            ["dismissed_by_id"], ["user.id"], name=op.f("fk_mailing_anomaly_dismissed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_mailing_anomaly_organization_id"),
        ),
        _key("mailing", ondelete="CASCADE"),
        _key("delivery", ondelete="CASCADE"),
        _key("customer"),
        _key("document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_anomaly")),
    )
    op.create_index(
        "ix_mailing_anomaly_by_message",
        "mailing_anomaly",
        ["mailing_id", "delivery_id", "customer_id"],
    )
    op.create_index("ix_mailing_anomaly_delivery_id", "mailing_anomaly", ["delivery_id"])
    op.execute("SELECT protect_table('mailing_anomaly')")


def downgrade() -> None:
    op.drop_table("mailing_anomaly")


def _key(table: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", f"{table}_id"],
        [f"{table}.organization_id", f"{table}.id"],
        name=op.f(f"fk_mailing_anomaly_organization_id_{table}_id"),
        ondelete=ondelete,
    )
