"""Add what the tables stand on: extensions, the roles that serve, and the functions of the two walls."""

from alembic import op

revision = "20261121_01"
down_revision = None
branch_labels = None
depends_on = None

# Group roles belong to the whole server, so they are made when missing and never dropped.
GROUP_ROLES = """
DO $$
DECLARE role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['ventanilla_staff', 'ventanilla_portal', 'ventanilla_sender'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role_name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
  END LOOP;
END $$
"""

# unaccent() is only STABLE because its dictionary could be changed; ours is named and never is.
FOLD = """
CREATE FUNCTION fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, value)) $$
"""

SCOPE = """
CREATE FUNCTION app_{name}() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.{name}_id', true), '')::bigint $$
"""

# One call protects a table: rights for the roles and the policies of docs/security.md.
PROTECT = """
CREATE FUNCTION protect_table(target regclass, portal_sees text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE inside text := 'organization_id = (SELECT app_organization())';
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY owner_all ON %s TO %I USING (true) WITH CHECK (true)', target, current_user);
  EXECUTE format('CREATE POLICY staff_reads ON %s FOR SELECT TO ventanilla_staff USING (true)', target);
  EXECUTE format('CREATE POLICY staff_inserts ON %s FOR INSERT TO ventanilla_staff WITH CHECK (%s)', target, inside);
  EXECUTE format('CREATE POLICY staff_updates ON %s FOR UPDATE TO ventanilla_staff USING (%s) WITH CHECK (%s)',
                 target, inside, inside);
  EXECUTE format('CREATE POLICY staff_deletes ON %s FOR DELETE TO ventanilla_staff USING (%s)', target, inside);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO ventanilla_staff', target);
  IF portal_sees IS NOT NULL THEN
    EXECUTE format('CREATE POLICY portal_reads ON %s FOR SELECT TO ventanilla_portal USING (%s AND (%s))',
                   target, inside, portal_sees);
    EXECUTE format('GRANT SELECT ON %s TO ventanilla_portal', target);
  END IF;
END $$
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public")
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public")
    op.execute(GROUP_ROLES)
    op.execute(FOLD)
    op.execute(SCOPE.format(name="organization"))
    op.execute(SCOPE.format(name="customer"))
    op.execute(PROTECT)


def downgrade() -> None:
    op.execute("DROP FUNCTION protect_table(regclass, text)")
    op.execute("DROP FUNCTION app_customer()")
    op.execute("DROP FUNCTION app_organization()")
    op.execute("DROP FUNCTION fold(text)")
    op.execute("DROP EXTENSION unaccent")
    op.execute("DROP EXTENSION pg_trgm")
