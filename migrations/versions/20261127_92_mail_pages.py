"""Let the pages of the mail area read less: counters and searches of senders from indexes that hold what they ask."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_92_mail_pages"
down_revision = "20261127_80_visit"
branch_labels = None
depends_on = None

MARKED = ("unread", "starred")


def upgrade() -> None:
    op.create_index("ix_message_sent_at", "message", ["organization_id", "sent_at"])
    for mark in MARKED:
        op.drop_index(f"ix_folder_thread_{mark}", table_name="folder_thread")
        _by_mark(
            mark,
            postgresql_include=["organization_id"],
            postgresql_where=sa.text(f"{mark} > 0 AND snoozed_until IS NULL"),
        )
    op.drop_index("ix_folder_thread_thread_id", table_name="folder_thread")
    op.create_index(
        "ix_folder_thread_thread_id",
        "folder_thread",
        ["organization_id", "thread_id"],
        postgresql_include=["folder_id", "snoozed_until"],
    )


def downgrade() -> None:
    op.drop_index("ix_folder_thread_thread_id", table_name="folder_thread")
    op.create_index("ix_folder_thread_thread_id", "folder_thread", ["organization_id", "thread_id"])
    for mark in MARKED:
        op.drop_index(f"ix_folder_thread_{mark}", table_name="folder_thread")
        _by_mark(mark, postgresql_where=sa.text(f"{mark} > 0"))
    op.drop_index("ix_message_sent_at", table_name="message")


def _by_mark(mark: str, **options: object) -> None:
    op.create_index(
        f"ix_folder_thread_{mark}",
        "folder_thread",
        ["folder_id", sa.text("last_at DESC"), sa.text("thread_id DESC")],
        **options,
    )
