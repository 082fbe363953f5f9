"""Add what the portal's door needs: requests that a worker answers, recovery codes, tries of short keys."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_33_access"
down_revision = "20261126_28_application_token"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "portal_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "magic_link",
                "user_names",
                "password_reset",
                name="portalrequestkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("browser_hash", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_portal_request_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_request")),
    )
    op.create_table(
        "portal_recovery_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("portal_user_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_portal_recovery_code_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "portal_user_id"],
            ["portal_user.organization_id", "portal_user.id"],
            name=op.f("fk_portal_recovery_code_organization_id_portal_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_recovery_code")),
        sa.UniqueConstraint(
            "portal_user_id",
            "code_hash",
            name=op.f("uq_portal_recovery_code_portal_user_id_code_hash"),
        ),
    )
    for table in ("portal_request", "portal_recovery_code"):
        op.execute(f"SELECT protect_table('{table}')")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ventanilla_staff")
    op.add_column(
        "portal_token", sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.alter_column("portal_token", "tries", server_default=None)


def downgrade() -> None:
    op.drop_column("portal_token", "tries")
    op.drop_table("portal_recovery_code")
    op.drop_table("portal_request")
