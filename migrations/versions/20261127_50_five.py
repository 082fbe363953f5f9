"""Find waiting quotes, unanswered comments and the latest events by indexes of their own; keep notices from the portal."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_50_five"
down_revision = "20261127_53_answers"
branch_labels = None
depends_on = None

WAITING, COMMENTS, LATELY = (
    "ix_document_waiting",
    "ix_comment_of_customers",
    "ix_portal_event_lately",
)
THEIRS = "organization_id = (SELECT app_organization()) AND customer_id = (SELECT app_customer())"


def upgrade() -> None:
    op.create_index(
        WAITING,
        "document",
        ["organization_id", "customer_id", "due_date", "id"],
        postgresql_where=sa.text("kind = 'quote' AND state = 'posted'"),
    )
    op.create_index(
        COMMENTS,
        "comment",
        ["organization_id", "at"],
        postgresql_where=sa.text("portal_user_id IS NOT NULL"),
    )
    op.create_index(
        LATELY,
        "portal_event",
        ["organization_id", "id"],
        postgresql_where=sa.text("kind NOT IN ('signed_in', 'viewed')"),
    )
    # Notices say to which customer they went; to whom else of it, and about what, is nobody's business in the portal.
    op.execute(
        f"ALTER POLICY portal_reads ON delivery USING ({THEIRS} AND kind NOT IN ('test', 'notice'))"
    )


def downgrade() -> None:
    op.execute(f"ALTER POLICY portal_reads ON delivery USING ({THEIRS} AND (kind <> 'test'))")
    op.drop_index(LATELY, "portal_event")
    op.drop_index(COMMENTS, "comment")
    op.drop_index(WAITING, "document")
