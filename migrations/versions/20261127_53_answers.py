"""Let one e-mail be one comment on a project, too."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_53_answers"
down_revision = "20261127_52_cust"
branch_labels = None
depends_on = None

NAME = "uq_comment_by_message"
BY_MAIL = sa.text("message_id IS NOT NULL")
ABOUT_ONE = ["organization_id", "message_id", "document_id", "project_id"]


def upgrade() -> None:
    op.drop_index(NAME, "comment")
    op.create_index(
        NAME,
        "comment",
        ABOUT_ONE,
        unique=True,
        postgresql_where=BY_MAIL,
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_index(NAME, "comment")
    op.create_index(NAME, "comment", ABOUT_ONE[:-1], unique=True, postgresql_where=BY_MAIL)
