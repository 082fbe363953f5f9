"""Add what the screen of the mail area needs: the last choice of each user, its search, its rights."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_46_mscreen"
down_revision = "20261127_44_mail_area"
branch_labels = None
depends_on = None

# One window of a search: the newest first, found by the index of words. The planner cannot know how rare a word is:
# walking the newest messages one by one, it would read all of them for a word that nobody wrote.
MAIL_HITS = """
CREATE FUNCTION mail_hits(organization bigint, wanted tsquery, above bigint, up_to bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SET enable_indexscan = off SET enable_seqscan = off AS $$
SELECT message_id FROM message_text
 WHERE organization_id = organization AND message_id > above AND message_id <= up_to AND words @@ wanted
 ORDER BY message_id DESC
$$;
GRANT EXECUTE ON FUNCTION mail_hits(bigint, tsquery, bigint, bigint) TO ventanilla_staff;
"""
PERMISSIONS = """
INSERT INTO permission (role_id, resource, action, denied, created_at, updated_at)
SELECT id, 'message', CASE code WHEN 'clerk' THEN '*' ELSE 'view' END, false, now(), now()
  FROM role WHERE code IN ('clerk', 'reader')
"""


def upgrade() -> None:
    op.create_table(
        "mail_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["mail_account.organization_id", "mail_account.id"],
            name=op.f("fk_mail_view_organization_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_mail_view_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_mail_view_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_view")),
        sa.UniqueConstraint(
            "organization_id", "user_id", name=op.f("uq_mail_view_organization_id_user_id")
        ),
    )
    op.create_index("ix_mail_view_user_id", "mail_view", ["user_id"], unique=False)
    op.create_index(
        "ix_mail_view_account_id", "mail_view", ["organization_id", "account_id"], unique=False
    )
    op.execute("SELECT protect_table('mail_view')")
    op.add_column(
        "mailbox_operation", sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_mailbox_operation_failed",
        "mailbox_operation",
        ["organization_id", "user_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('gone', 'failed') AND noticed_at IS NULL"),
    )
    op.execute(MAIL_HITS)
    op.execute(PERMISSIONS)


def downgrade() -> None:
    op.execute("DELETE FROM permission WHERE resource = 'message'")
    op.execute("DROP FUNCTION mail_hits(bigint, tsquery, bigint, bigint)")
    op.drop_index("ix_mailbox_operation_failed", table_name="mailbox_operation")
    op.drop_column("mailbox_operation", "noticed_at")
    op.drop_table("mail_view")
