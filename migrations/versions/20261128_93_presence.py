"""Who is at which conversation (X3-01)."""

import sqlalchemy as sa
from alembic import op

revision = "20261128_93_presence"
down_revision = "20261127_92_mail_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "thread_presence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "viewing",
                "writing",
                name="presencemode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "thread_id"],
            ["thread.organization_id", "thread.id"],
            name=op.f("fk_thread_presence_organization_id_thread_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_thread_presence_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_thread_presence_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_presence")),
        sa.UniqueConstraint(
            "organization_id",
            "thread_id",
            "user_id",
            "mode",
            name=op.f("uq_thread_presence_organization_id_thread_id_user_id_mode"),
        ),
    )
    op.create_index("ix_thread_presence_user_id", "thread_presence", ["user_id"], unique=False)
    op.execute("SELECT protect_table('thread_presence')")


def downgrade() -> None:
    op.drop_table("thread_presence")
