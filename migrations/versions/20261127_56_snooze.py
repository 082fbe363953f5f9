"""Let conversations wait out of sight until their time."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_56_snooze"
down_revision = "20261127_55_sender"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "snooze",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("folder_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after_message_id", sa.BigInteger(), nullable=False),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "came_back_by",
            sa.Enum(
                *("time", "message"),
                name="camebackby",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("batch", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "folder_id"],
            ["mail_folder.organization_id", "mail_folder.id"],
            name=op.f("fk_snooze_organization_id_folder_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "thread_id"],
            ["thread.organization_id", "thread.id"],
            name=op.f("fk_snooze_organization_id_thread_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_snooze_organization_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_snooze_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snooze")),
        sa.UniqueConstraint("folder_id", "thread_id", name=op.f("uq_snooze_folder_id_thread_id")),
    )
    op.create_index("ix_snooze_thread_id", "snooze", ["organization_id", "thread_id"])
    op.create_index("ix_snooze_batch", "snooze", ["organization_id", "batch"])
    op.create_index(
        "ix_snooze_due",
        "snooze",
        ["snoozed_until"],
        postgresql_where=sa.text("snoozed_until IS NOT NULL"),
    )
    op.execute("SELECT protect_table('snooze')")
    for column in ("snoozed_until", "returned_at"):
        op.add_column("folder_thread", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_folder_thread_snoozed",
        "folder_thread",
        ["folder_id", sa.literal_column("last_at DESC"), sa.literal_column("thread_id DESC")],
        postgresql_where=sa.text("snoozed_until IS NOT NULL OR returned_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_folder_thread_snoozed", "folder_thread")
    for column in ("returned_at", "snoozed_until"):
        op.drop_column("folder_thread", column)
    op.drop_table("snooze")
