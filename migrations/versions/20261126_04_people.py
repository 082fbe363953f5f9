"""Add links by which staff set their password, and the addresses that wait for one."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_people"
down_revision = "20261126_02_links"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "password_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invitation",
                "reset",
                name="passwordlinkkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("ends_at > created_at", name=op.f("ck_password_link_ends_later")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_password_link_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_link_token_hash")),
    )
    op.create_index(
        "uq_password_link_unused",
        "password_link",
        ["user_id", "kind"],
        unique=True,
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "password_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_request")),
    )
    for table in ("password_link", "password_request"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO ventanilla_staff")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ventanilla_staff")


def downgrade() -> None:
    op.drop_table("password_request")
    op.drop_table("password_link")
