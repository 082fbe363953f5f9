"""Add notes about a customer, planned hours and who worked; comments stay for good, portal users are called as their contact is."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_36_work"
down_revision = "20261126_35_portal_mails"
branch_labels = None
depends_on = None

ABOUT_ONE_THING = "(document_id IS NULL) <> (project_id IS NULL)"
# What is about neither a document nor a project is a note of ours about the customer.
ABOUT_AT_MOST_ONE = (
    "num_nonnulls(document_id, project_id) = 1"
    " OR (num_nonnulls(document_id, project_id) = 0 AND visibility = 'internal')"
)
FORGET_NOTES = (
    "DELETE FROM comment_file f USING comment c"
    " WHERE c.id = f.comment_id AND c.document_id IS NULL AND c.project_id IS NULL",
    "DELETE FROM comment WHERE document_id IS NULL AND project_id IS NULL",
)
KEPT = {"comment": ("document", "project"), "comment_file": ("comment",)}

# The name of who worked is for customers, too, who see no list of our staff.
FOLLOWS_TASK = """
CREATE OR REPLACE FUNCTION time_entry_follows_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT t.project_id, t.customer_id INTO NEW.project_id, NEW.customer_id FROM task t
   WHERE t.id = NEW.task_id AND t.organization_id = NEW.organization_id;%s
  RETURN NEW;
END $$;
"""
TAKES_NAME = """
  IF TG_OP = 'INSERT' OR NEW.user_id IS DISTINCT FROM OLD.user_id THEN
    NEW.user_name := coalesce((SELECT u.name FROM "user" u WHERE u.id = NEW.user_id), '');
  END IF;"""
FOLLOWS_CONTACT = """
CREATE FUNCTION portal_user_follows_contact() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE portal_user u SET name = NEW.name, lang = coalesce(NEW.lang, u.lang), updated_at = now()
   WHERE u.organization_id = NEW.organization_id
     AND EXISTS (SELECT 1 FROM portal_membership m
                  WHERE m.portal_user_id = u.id AND m.contact_id = NEW.id
                    AND m.organization_id = NEW.organization_id);
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION portal_user_follows_contact() FROM PUBLIC;
CREATE TRIGGER portal_user_follows_contact AFTER UPDATE OF name, lang ON contact FOR EACH ROW
  WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.lang IS DISTINCT FROM NEW.lang)
  EXECUTE FUNCTION portal_user_follows_contact();
"""

# What is said after a customer changed their data (X0-02): their group's words, else those of the levels above it.
CONTACT_UPDATED = """
CREATE FUNCTION contact_updated_text(wanted_lang text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH RECURSIVE level AS (
    SELECT c.customer_group_id AS id, 0 AS depth FROM customer c
     WHERE c.id = app_customer() AND c.organization_id = app_organization()
    UNION ALL
    SELECT g.parent_id, level.depth + 1 FROM level JOIN customer_group g ON g.id = level.id
     WHERE level.depth < 20)
  SELECT t.body_html FROM level JOIN portal_text t ON t.customer_group_id IS NOT DISTINCT FROM level.id
   WHERE t.organization_id = app_organization() AND t.kind = 'contact_updated' AND t.is_current
     AND t.body_html <> ''
   ORDER BY level.depth, t.lang <> wanted_lang, t.lang LIMIT 1
$$;
REVOKE ALL ON FUNCTION contact_updated_text(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contact_updated_text(text) TO ventanilla_portal;
"""


def upgrade() -> None:
    op.add_column("project", sa.Column("planned_minutes", sa.BigInteger(), nullable=True))
    op.add_column(
        "time_entry",
        sa.Column("user_name", sa.Text(), nullable=False, server_default=""),
    )
    op.alter_column("time_entry", "user_name", server_default=None)
    op.execute(FOLLOWS_TASK % TAKES_NAME)
    op.execute(FOLLOWS_CONTACT)
    op.execute(CONTACT_UPDATED)
    op.drop_constraint(op.f("ck_comment_is_about_one_thing"), "comment", type_="check")
    op.create_check_constraint(op.f("ck_comment_is_about_one_thing"), "comment", ABOUT_AT_MOST_ONE)
    _keep(None)
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER stays BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION frozen_row()"
        )


def downgrade() -> None:
    for table in KEPT:
        op.execute(f"DROP TRIGGER stays ON {table}")
    _keep("CASCADE")
    for statement in FORGET_NOTES:
        op.execute(statement)
    op.drop_constraint(op.f("ck_comment_is_about_one_thing"), "comment", type_="check")
    op.create_check_constraint(op.f("ck_comment_is_about_one_thing"), "comment", ABOUT_ONE_THING)
    op.execute("DROP FUNCTION contact_updated_text(text)")
    op.execute("DROP TRIGGER portal_user_follows_contact ON contact")
    op.execute("DROP FUNCTION portal_user_follows_contact()")
    op.execute(FOLLOWS_TASK % "")
    op.drop_column("time_entry", "user_name")
    op.drop_column("project", "planned_minutes")


def _keep(ondelete: str | None) -> None:
    """Whatever was written about keeps from being deleted what it was written about."""
    for table, parents in KEPT.items():
        for parent in parents:
            name = f"fk_{table}_organization_id_{parent}_id"
            op.drop_constraint(op.f(name), table, type_="foreignkey")
            op.create_foreign_key(
                op.f(name),
                table,
                parent,
                ["organization_id", f"{parent}_id"],
                ["organization_id", "id"],
                ondelete=ondelete,
            )
