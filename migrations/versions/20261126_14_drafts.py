"""Note who saved a draft last, so that two people do not overwrite each other; name what sending finds out late.

A copy that was refused can be *replaced* by a message of its own, and a rehearsal knows void documents and customers on
hold.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_drafts"
down_revision = "20261126_statements"
branch_labels = None
depends_on = None

COPY_STATES = ("waiting", "accepted", "refused", "left_out")
PROBLEMS = (
    *("not_arrived", "defect", "recipients", "files", "over_size", "empty_field"),
    *("wrong_link", "suppressed", "foreign_document"),
)
NEW_PROBLEMS = ("void_document", "on_hold")


def upgrade() -> None:
    op.create_table(
        "mailing_draft",
        sa.Column("mailing_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "mailing_id"],
            ["mailing.organization_id", "mailing.id"],
            name=op.f("fk_mailing_draft_organization_id_mailing_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_mailing_draft_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["user.id"], name=op.f("fk_mailing_draft_saved_by_id")
        ),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_mailing_draft")),
    )
    op.execute("SELECT protect_table('mailing_draft')")
    _allow("delivery_copy", "state", "copystate", *COPY_STATES, "replaced")
    _allow("rehearsed_message", "problem", "rehearsalproblem", *PROBLEMS, *NEW_PROBLEMS)
    # At sending it is looked at again whether a document is void, and whether its customer is on hold.
    op.execute("GRANT SELECT (state) ON document TO ventanilla_sender")
    op.execute("GRANT SELECT (id, organization_id, on_hold) ON customer TO ventanilla_sender")
    op.execute(
        "CREATE POLICY sender_reads ON customer FOR SELECT TO ventanilla_sender USING (true)"
    )


def downgrade() -> None:
    op.execute("DROP POLICY sender_reads ON customer")
    op.execute("REVOKE SELECT (id, organization_id, on_hold) ON customer FROM ventanilla_sender")
    op.execute("REVOKE SELECT (state) ON document FROM ventanilla_sender")
    op.execute("DELETE FROM rehearsed_message WHERE problem IN ('void_document', 'on_hold')")
    op.execute("UPDATE delivery_copy SET state = 'refused' WHERE state = 'replaced'")
    _allow("delivery_copy", "state", "copystate", *COPY_STATES)
    _allow("rehearsed_message", "problem", "rehearsalproblem", *PROBLEMS)
    op.drop_table("mailing_draft")


def _allow(table: str, column: str, rule: str, *words: str) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(op.f(f"ck_{table}_{rule}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{rule}"), table, f"{column} IN ({listed})")
