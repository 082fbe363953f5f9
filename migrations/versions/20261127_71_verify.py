"""Find the document of a file quickly; say how customers pay, since when, and who is to hear that it changed."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_71_verify"
down_revision = "20261127_70_holds"
branch_labels = None
depends_on = None

BY_FILE = "ix_document_file_by_file"
CHANGES = "payment_instructions_change"
MOMENT = sa.DateTime(timezone=True)
# The first instructions are no change. Who takes them away and writes others changes them all the same.
WATCHED = """
CREATE FUNCTION payment_instructions_have_a_date() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.payment_instructions := nullif(btrim(NEW.payment_instructions, E' \\t\\r\\n'), '');
  IF TG_OP = 'INSERT' THEN
    NEW.payment_instructions_since := CASE WHEN NEW.payment_instructions IS NOT NULL THEN now() END;
  ELSIF NEW.payment_instructions IS DISTINCT FROM OLD.payment_instructions THEN
    NEW.payment_instructions_since := CASE WHEN NEW.payment_instructions IS NOT NULL THEN now() END;
  ELSE
    NEW.payment_instructions_since := OLD.payment_instructions_since;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_instructions_have_a_date
  BEFORE INSERT OR UPDATE OF payment_instructions, payment_instructions_since ON organization
  FOR EACH ROW EXECUTE FUNCTION payment_instructions_have_a_date();
CREATE FUNCTION payment_instructions_are_told() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.payment_instructions IS NOT NULL
     OR EXISTS (SELECT 1 FROM payment_instructions_change c WHERE c.organization_id = NEW.id) THEN
    INSERT INTO payment_instructions_change (organization_id, created_at, updated_at, told_customer_id, told_at)
    VALUES (NEW.id, now(), now(), 0, CASE WHEN NEW.payment_instructions IS NULL THEN now() END);
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION payment_instructions_are_told() FROM PUBLIC;
CREATE TRIGGER payment_instructions_are_told AFTER UPDATE OF payment_instructions ON organization
  FOR EACH ROW WHEN (OLD.payment_instructions IS DISTINCT FROM NEW.payment_instructions)
  EXECUTE FUNCTION payment_instructions_are_told();
"""


def upgrade() -> None:
    op.create_index(BY_FILE, "document_file", ["organization_id", "file_id"])
    op.add_column("organization", sa.Column("payment_instructions", sa.Text(), nullable=True))
    op.add_column("organization", sa.Column("payment_instructions_since", MOMENT, nullable=True))
    op.create_table(
        CHANGES,
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("told_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f(f"fk_{CHANGES}_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{CHANGES}")),
    )
    op.create_index(
        f"ix_{CHANGES}_waiting",
        CHANGES,
        ["organization_id", "id"],
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.execute(f"SELECT protect_table('{CHANGES}')")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ventanilla_staff")
    op.execute(WATCHED)


def downgrade() -> None:
    op.execute("DROP TRIGGER payment_instructions_are_told ON organization")
    op.execute("DROP FUNCTION payment_instructions_are_told()")
    op.execute("DROP TRIGGER payment_instructions_have_a_date ON organization")
    op.execute("DROP FUNCTION payment_instructions_have_a_date()")
    op.drop_table(CHANGES)
    op.drop_column("organization", "payment_instructions_since")
    op.drop_column("organization", "payment_instructions")
    op.drop_index(BY_FILE, "document_file")
