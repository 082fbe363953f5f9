"""Add rehearsals, and mailings that stop by themselves when too much is refused."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_watch"
down_revision = "20261126_compose"
branch_labels = None
depends_on = None

PROBLEMS = (
    *("not_arrived", "defect", "recipients", "files", "over_size", "empty_field"),
    *("wrong_link", "suppressed", "foreign_document"),
)
STOP_COLUMNS = ("refused_answers", "last_answers", "tolerated_percent")


def upgrade() -> None:
    for name in STOP_COLUMNS:
        op.add_column("mailing", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_mailing_stop_has_numbers"),
        "mailing",
        "(refused_answers IS NULL) = (last_answers IS NULL) AND last_answers > 0",
    )
    op.create_table(
        "mailing_rehearsal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user.id"], name=op.f("fk_mailing_rehearsal_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_mailing_rehearsal_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "mailing_id"],
            ["mailing.organization_id", "mailing.id"],
            name=op.f("fk_mailing_rehearsal_organization_id_mailing_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_rehearsal")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_mailing_rehearsal_organization_id_id")
        ),
    )
    op.create_index(
        "uq_mailing_rehearsal_mailing_id", "mailing_rehearsal", ["mailing_id"], unique=True
    )
    problem = sa.Enum(
        *PROBLEMS, name="rehearsalproblem", native_enum=False, create_constraint=True, length=40
    )
    op.create_table(
        "rehearsed_message",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("rehearsal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=True),
        sa.Column("parts", postgresql.JSONB(), nullable=False),
        sa.Column("problem", problem, nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(sha256 IS NULL) = (head IS NULL) AND (sha256 IS NOT NULL OR problem IS NOT NULL)",
            name=op.f("ck_rehearsed_message_arrived_or_says_why"),
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("fk_rehearsed_message_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_rehearsed_message_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "rehearsal_id"],
            ["mailing_rehearsal.organization_id", "mailing_rehearsal.id"],
            name=op.f("fk_rehearsed_message_organization_id_rehearsal_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rehearsal_id", "delivery_id", name=op.f("pk_rehearsed_message")),
    )
    op.create_index("ix_rehearsed_message_delivery_id", "rehearsed_message", ["delivery_id"])
    op.create_index(
        "ix_rehearsed_message_odd",
        "rehearsed_message",
        ["rehearsal_id", "delivery_id"],
        postgresql_where=sa.text("problem IS NOT NULL"),
    )
    op.execute("SELECT protect_table('mailing_rehearsal')")
    op.execute("SELECT protect_table('rehearsed_message')")


def downgrade() -> None:
    op.drop_table("rehearsed_message")
    op.drop_table("mailing_rehearsal")
    op.drop_constraint(op.f("ck_mailing_stop_has_numbers"), "mailing")
    for name in STOP_COLUMNS:
        op.drop_column("mailing", name)
