"""Add recovery codes, each user's wishes about keys and place, and the index behind receivables by age."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_05_door"
down_revision = "20261121_04"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, default in (("has_single_keys", "true"), ("wants_last_place", "false")):
        op.add_column(
            "user", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text(default))
        )
        op.alter_column("user", name, server_default=None)
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_recovery_code_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint(
            "user_id", "code_hash", name=op.f("uq_recovery_code_user_id_code_hash")
        ),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON recovery_code TO ventanilla_staff")
    op.create_index(
        "ix_document_unpaid",
        "document",
        ["organization_id", "currency", "due_date"],
        postgresql_include=["balance_due", "customer_id", "branch_id"],
        postgresql_where=sa.text(
            "kind = 'invoice' AND state IN ('posted', 'partially_paid') AND balance_due > 0"
        ),
    )
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ventanilla_staff")


def downgrade() -> None:
    op.drop_index("ix_document_unpaid", "document")
    op.drop_table("recovery_code")
    op.drop_column("user", "wants_last_place")
    op.drop_column("user", "has_single_keys")
