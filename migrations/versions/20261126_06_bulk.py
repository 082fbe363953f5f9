"""Add runs that change many records: their rows are the selection, the queue, the result and the way back."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_bulk"
down_revision = "20261126_registration"
branch_labels = None
depends_on = None

# Who may edit anything may look at runs and take back their own; those of others: who may do everything.
RIGHTS = """
INSERT INTO permission (role_id, resource, action, denied, created_at, updated_at)
SELECT DISTINCT role_id, 'bulk_run', wanted, false, now(), now()
FROM permission, unnest(ARRAY['view', 'undo']) AS wanted
WHERE NOT denied AND resource <> '*' AND action IN ('*', 'edit')
"""


def upgrade() -> None:
    op.create_table(
        "bulk_run",
        _key("id"),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("screen", sa.Text(), nullable=False),
        _word("deed", "bulkdeed", "edit", "cell", "verb"),
        sa.Column("verb", sa.Text(), nullable=True),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("undoes_id", sa.BigInteger(), nullable=True),
        sa.Column("lang", sa.Text(), nullable=False),
        _word("state", "bulkrunstate", "running", "done", "stopped", "failed"),
        sa.Column("problem", sa.Text(), nullable=True),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("rows_total", "rows_changed", "rows_unchanged", "rows_refused", "starts")
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        *_moments(),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_bulk_run_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "branch_id"],
            ["branch.organization_id", "branch.id"],
            name=op.f("fk_bulk_run_organization_id_branch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "undoes_id"],
            ["bulk_run.organization_id", "bulk_run.id"],
            name=op.f("fk_bulk_run_organization_id_undoes_id"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_bulk_run_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_bulk_run_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bulk_run_public_id")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_bulk_run_organization_id_id")),
    )
    op.create_index("ix_bulk_run_by_id", "bulk_run", ["organization_id", "id"])
    op.create_index("ix_bulk_run_undoes_id", "bulk_run", ["organization_id", "undoes_id"])
    op.create_table(
        "bulk_run_row",
        _key("id"),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("bulk_run_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        _word("outcome", "bulkoutcome", "waiting", "changed", "unchanged", "refused"),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        *_moments(),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_bulk_run_row_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "bulk_run_id"],
            ["bulk_run.organization_id", "bulk_run.id"],
            name=op.f("fk_bulk_run_row_organization_id_bulk_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run_row")),
    )
    op.create_index(
        "ix_bulk_run_row_by_outcome",
        "bulk_run_row",
        ["organization_id", "bulk_run_id", "outcome", "id"],
    )
    for table in ("bulk_run", "bulk_run_row"):
        op.execute(f"SELECT protect_table('{table}')")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ventanilla_staff")
    op.execute(RIGHTS)


def downgrade() -> None:
    op.execute("DELETE FROM permission WHERE resource = 'bulk_run'")
    op.drop_table("bulk_run_row")
    op.drop_table("bulk_run")


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moments() -> list[sa.Column[Any]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), nullable=False)
        for name in ("created_at", "updated_at")
    ]


def _word(column: str, constraint: str, *words: str) -> sa.Column[Any]:
    kind = sa.Enum(*words, name=constraint, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=False)
