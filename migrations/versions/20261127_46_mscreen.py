"""Add what the screen of the mail area needs: the last choice of each user, its search, its rights."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_46_mscreen"
down_revision = "20261127_44_mail_area"
branch_labels = None
depends_on = None

# One window of a search: between two moments, found by the index of words. The planner cannot know how rare a word is:
# walking the newest messages one by one, it would read all of them for a word that nobody wrote.
# All that is before a moment is found by the words alone: the index of moments would name every message.
MAIL_HITS = """
CREATE FUNCTION mail_hits(organization bigint, wanted tsquery, since timestamptz, until timestamptz) RETURNS SETOF bigint
LANGUAGE sql STABLE SET enable_indexscan = off SET enable_seqscan = off AS $$
SELECT message_id FROM message_text
 WHERE organization_id = organization AND sent_at >= since AND sent_at < until AND words @@ wanted
 ORDER BY sent_at DESC
$$;
CREATE FUNCTION mail_hits_before(organization bigint, wanted tsquery, until timestamptz) RETURNS SETOF bigint
LANGUAGE sql STABLE SET enable_indexscan = off SET enable_seqscan = off AS $$
SELECT message_id FROM message_text
 WHERE organization_id = organization AND words @@ wanted AND sent_at + interval '0' < until
 ORDER BY sent_at DESC
$$;
GRANT EXECUTE ON FUNCTION mail_hits(bigint, tsquery, timestamptz, timestamptz) TO ventanilla_staff;
GRANT EXECUTE ON FUNCTION mail_hits_before(bigint, tsquery, timestamptz) TO ventanilla_staff;
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
    _say_when_it_was_sent()
    op.execute(MAIL_HITS)
    op.execute(PERMISSIONS)


def _say_when_it_was_sent() -> None:
    op.add_column("message_text", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("message_text", "message"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE message_text t SET sent_at = m.sent_at FROM message m WHERE m.id = t.message_id"
    )
    for table in ("message_text", "message"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.alter_column("message_text", "sent_at", nullable=False)
    op.create_index("ix_message_text_sent_at", "message_text", ["organization_id", "sent_at"])


def downgrade() -> None:
    op.execute("DELETE FROM permission WHERE resource = 'message'")
    op.execute("DROP FUNCTION mail_hits_before(bigint, tsquery, timestamptz)")
    op.execute("DROP FUNCTION mail_hits(bigint, tsquery, timestamptz, timestamptz)")
    op.drop_index("ix_message_text_sent_at", table_name="message_text")
    op.drop_column("message_text", "sent_at")
    op.drop_index("ix_mailbox_operation_failed", table_name="mailbox_operation")
    op.drop_column("mailbox_operation", "noticed_at")
    op.drop_table("mail_view")
