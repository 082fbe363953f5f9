"""Let users write the password of their mail account by a link and, where allowed, their own letterhead."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_27_own_mail"
down_revision = "20261126_26_ended"
branch_labels = None
depends_on = None

TABLE = "mail_account_password_link"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("ends_at > created_at", name=op.f(f"ck_{TABLE}_ends_later")),
        sa.CheckConstraint(
            "(used_at IS NULL) = (uses = 0)", name=op.f(f"ck_{TABLE}_used_is_counted")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f(f"fk_{TABLE}_asked_by_id")),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["mail_account.organization_id", "mail_account.id"],
            name=op.f(f"fk_{TABLE}_organization_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f(f"fk_{TABLE}_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f(f"fk_{TABLE}_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint(
            "organization_id", "account_id", name=op.f(f"uq_{TABLE}_organization_id_account_id")
        ),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{TABLE}_token_hash")),
    )
    op.create_index(f"ix_{TABLE}_user_id", TABLE, ["user_id"])
    op.execute(f"SELECT protect_table('{TABLE}')")
    column = sa.Column("users_write_letterhead", sa.Boolean(), nullable=False)
    column.server_default = sa.DefaultClause(sa.text("false"))
    op.add_column("organization", column)
    op.alter_column("organization", "users_write_letterhead", server_default=None)


def downgrade() -> None:
    op.drop_column("organization", "users_write_letterhead")
    op.drop_table(TABLE)
