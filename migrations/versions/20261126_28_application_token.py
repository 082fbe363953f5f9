"""Keep one token for all accounts of a tenant, which so far had one each."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_28_application_token"
down_revision = "20261126_27_own_mail"
branch_labels = None
depends_on = None

TABLE = "oauth_application_token"
# Tokens of accounts that share one from now on; the next line that signs in asks for it.
FORGET = """
DELETE FROM oauth_token WHERE account_id IN (SELECT id FROM mail_account WHERE sign_in_by = 'application')
  AND application_id IN (SELECT id FROM oauth_application WHERE provider = 'microsoft')
"""
WALLED = ("oauth_token", "mail_account", "oauth_application")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=True),
        sa.Column("access_sealed", sa.Text(), nullable=True),
        sa.Column("obtained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "application_id"],
            ["oauth_application.organization_id", "oauth_application.id"],
            name=op.f("fk_oauth_application_token_organization_id_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_oauth_application_token_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_application_token")),
        sa.UniqueConstraint(
            "organization_id",
            "application_id",
            name=op.f("uq_oauth_application_token_organization_id_application_id"),
        ),
    )
    op.execute(f"SELECT protect_table('{TABLE}')")
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(FORGET)
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table(TABLE)
