"""Add what customers see and write in the portal: columns of other tables, policies, the functions of its door."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_32_portal_walls"
down_revision = "20261126_31_work"
branch_labels = None
depends_on = None

STAFF_ONLY = [
    "former_portal_name",
    "portal_user",
    "portal_membership",
    "portal_session",
    "portal_token",
    "access_request",
    "portal_question",
    "portal_text",
    "group_portal",
]
OWN = "customer_id = (SELECT app_customer())"
OWN_DOCUMENT = "EXISTS (SELECT 1 FROM document d WHERE d.id = document_id)"
OWN_PROJECT = "EXISTS (SELECT 1 FROM project p WHERE p.id = project_id)"
OWN_COMMENT = "EXISTS (SELECT 1 FROM comment c WHERE c.id = comment_id)"
OWN_CONTACT = "EXISTS (SELECT 1 FROM customer_contact k WHERE k.contact_id = {})"
INSIDE = "organization_id = (SELECT app_organization())"

# New tables: what a customer reads. A sub-select is under the reader's own policies.
SEEN_IN_PORTAL = {
    "portal_settings": "true",
    "payment_method": OWN,
    "project": f"{OWN} AND is_shared",
    "task": f"{OWN} AND {OWN_PROJECT}",
    "time_entry": f"{OWN} AND {OWN_PROJECT}",
    "review": OWN,
    "comment": f"{OWN} AND visibility = 'customer'",
    "comment_file": f"{OWN} AND {OWN_COMMENT}",
    "document_forward": OWN,
    "portal_event": OWN,
    "quote_answer": OWN,
}
# Tables that were there, and that the portal did not see before.
SEEN_NOW = {
    "customer_contact": OWN,
    "contact": OWN_CONTACT.format("contact.id"),
    "contact_email": OWN_CONTACT.format("contact_email.contact_id"),
    "share_link": OWN_DOCUMENT,
    "document_file": OWN_DOCUMENT,
    "file": "EXISTS (SELECT 1 FROM document_file f WHERE f.file_id = file.id)",
}
# What a customer writes: the verb, the columns of an update, and what must hold of the row.
WRITTEN = [
    ("address", "INSERT", "", OWN),
    ("address", "UPDATE", "", OWN),
    ("address", "DELETE", "", OWN),
    (
        "contact",
        "UPDATE",
        "name, job_title, phone, lang, version, updated_at, updated_by_id",
        OWN_CONTACT.format("contact.id"),
    ),
    ("payment_method", "INSERT", "", OWN),
    ("payment_method", "UPDATE", "", OWN),
    ("payment_method", "DELETE", "", OWN),
    ("review", "INSERT", "", f"{OWN} AND reply IS NULL"),
    ("review", "UPDATE", "rating, body, version, updated_at, updated_by_id", OWN),
    (
        "comment",
        "INSERT",
        "",
        f"{OWN} AND visibility = 'customer' AND portal_user_id IS NOT NULL"
        f" AND (document_id IS NULL OR {OWN_DOCUMENT})"
        f" AND (project_id IS NULL OR {OWN_PROJECT})",
    ),
    (
        "comment_file",
        "INSERT",
        "",
        f"{OWN} AND {OWN_COMMENT}",
    ),
    ("document_forward", "INSERT", "", f"{OWN} AND {OWN_DOCUMENT} AND done_at IS NULL"),
    (
        "portal_event",
        "INSERT",
        "",
        f"{OWN} AND told_at IS NULL AND (document_id IS NULL OR {OWN_DOCUMENT})",
    ),
    ("quote_answer", "INSERT", "", f"{OWN} AND {OWN_DOCUMENT}"),
    ("share_link", "UPDATE", "revoked_at, view_count, last_viewed_at, updated_at", OWN_DOCUMENT),
]

# Shared by all staff; a customer sees the company at whose window they stand.
ORGANIZATION = """
ALTER TABLE organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization FORCE ROW LEVEL SECURITY;
DO $$ BEGIN EXECUTE format('CREATE POLICY owner_all ON organization TO %I USING (true) WITH CHECK (true)', current_user); END $$;
CREATE POLICY staff_all ON organization TO ventanilla_staff USING (true) WITH CHECK (true);
CREATE POLICY portal_reads ON organization FOR SELECT TO ventanilla_portal USING (id = (SELECT app_organization()));
GRANT SELECT ON organization TO ventanilla_portal;
"""
# What customers change stands in the audit like everything else, under their organization only.
AUDIT = """
ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY staff_all ON audit_event TO ventanilla_staff USING (true) WITH CHECK (true);
CREATE POLICY portal_inserts ON audit_event FOR INSERT TO ventanilla_portal
  WITH CHECK (organization_id = (SELECT app_organization()) AND source = 'portal');
GRANT INSERT ON audit_event TO ventanilla_portal;
"""

# Nobody is known when a page is opened: the hash of the cookie's token says in whose scope to go on.
FIND_PORTAL_SESSION = """
CREATE FUNCTION find_portal_session(wanted text, idle_minutes int)
RETURNS TABLE (session_id bigint, organization_id bigint, portal_user_id bigint, portal_membership_id bigint,
               staff_user_id bigint, customer_id bigint, contact_id bigint, name text, login text, lang text,
               roles text[], is_primary boolean, confirmed_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE s portal_session;
BEGIN
  SELECT * INTO s FROM portal_session p
   WHERE p.token_hash = wanted AND p.revoked_at IS NULL AND p.ends_at > now()
     AND p.last_seen_at > now() - make_interval(mins => idle_minutes);
  IF NOT FOUND THEN RETURN; END IF;
  IF s.last_seen_at < now() - interval '1 minute' THEN  -- not a write per request
    UPDATE portal_session p SET last_seen_at = now() WHERE p.id = s.id;
  END IF;
  IF s.staff_user_id IS NOT NULL THEN
    RETURN QUERY SELECT s.id, s.organization_id, NULL::bigint, NULL::bigint, u.id, s.customer_id, NULL::bigint, u.name,
                        u.email, u.lang, ARRAY[]::text[], false, NULL::timestamptz
      FROM "user" u WHERE u.id = s.staff_user_id AND u.is_active;
    RETURN;
  END IF;
  -- A membership that was suspended meanwhile is none: the person is asked where to go.
  RETURN QUERY
    SELECT s.id, s.organization_id, u.id, m.id, NULL::bigint, m.customer_id, m.contact_id, u.name, u.login, u.lang,
           coalesce(k.roles, ARRAY[]::text[]), coalesce(k.is_primary, false), s.confirmed_at
      FROM portal_user u
      LEFT JOIN (portal_membership m
                 JOIN customer c ON c.id = m.customer_id AND c.organization_id = m.organization_id
                 JOIN customer_contact k ON k.customer_id = m.customer_id AND k.contact_id = m.contact_id
                 LEFT JOIN customer_group g ON g.id = c.customer_group_id)
        ON m.id = s.portal_membership_id AND m.portal_user_id = u.id AND m.state = 'validated'
           AND coalesce(g.uses_portal, true)
     WHERE u.id = s.portal_user_id AND u.is_active;
END $$;
REVOKE ALL ON FUNCTION find_portal_session(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_portal_session(text, int) TO ventanilla_portal;
"""
# By its present name, one that it had, or its own domain.
FIND_PORTAL = """
CREATE FUNCTION find_portal(wanted text, host text)
RETURNS TABLE (organization_id bigint, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT s.organization_id, s.name FROM portal_settings s
   WHERE s.name = wanted
      OR s.organization_id = (SELECT f.organization_id FROM former_portal_name f
                               WHERE f.name = wanted AND f.created_at > now() - interval '90 days')
      OR (wanted = '' AND lower(s.custom_domain) = lower(host) AND s.domain_verified_at IS NOT NULL)
   LIMIT 1
$$;
REVOKE ALL ON FUNCTION find_portal(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_portal(text, text) TO ventanilla_portal;
"""
# Of documents, a customer changes two things, each once: that it was seen, and the answer to a quote.
NOTE_VIEW = """
CREATE FUNCTION note_first_view(document_key bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  WITH seen AS (
    UPDATE document SET first_viewed_at = now()
     WHERE id = document_key AND organization_id = app_organization() AND customer_id = app_customer()
       AND state <> 'draft' AND first_viewed_at IS NULL
    RETURNING 1)
  SELECT EXISTS (SELECT 1 FROM seen)
$$;
REVOKE ALL ON FUNCTION note_first_view(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION note_first_view(bigint) TO ventanilla_portal;
"""
ANSWER_QUOTE = """
CREATE FUNCTION answer_quote(document_key bigint, answer text, on_day date) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  WITH answered AS (
    UPDATE document SET state = answer, version = version + 1, updated_at = now()
     WHERE id = document_key AND organization_id = app_organization() AND customer_id = app_customer()
       AND kind = 'quote' AND state = 'posted' AND due_date >= on_day AND answer IN ('accepted', 'declined')
    RETURNING 1)
  SELECT EXISTS (SELECT 1 FROM answered)
$$;
REVOKE ALL ON FUNCTION answer_quote(bigint, text, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION answer_quote(bigint, text, date) TO ventanilla_portal;
"""

# Every organization has a portal with a name of its own from the first moment (S2-05).
PORTAL_OF_EACH = """
CREATE FUNCTION portal_name_for(title text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  base text := left(trim(both '-' from regexp_replace(fold(title), '[^a-z0-9]+', '-', 'g')), 40);
  candidate text; number int := 1;
BEGIN
  IF length(base) < 2 THEN base := 'portal'; END IF;
  base := trim(trailing '-' from base);
  candidate := base;
  WHILE EXISTS (SELECT 1 FROM portal_settings WHERE name = candidate)
     OR EXISTS (SELECT 1 FROM former_portal_name WHERE name = candidate) LOOP
    number := number + 1;
    candidate := base || '-' || number;
  END LOOP;
  RETURN candidate;
END $$;
CREATE FUNCTION organization_has_portal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO portal_settings (organization_id, public_id, version, created_at, updated_at, name, title,
    notify_of_activity, notify_mode, notify_emails, muted, notify_customer_of_comments, allow_profile_edit,
    allow_address_edit, allow_card_edit, allow_forward, allow_reviews, show_sales_orders, show_projects, banner)
  VALUES (NEW.id, gen_random_uuid(), 1, now(), now(), portal_name_for(NEW.name), NEW.name,
    true, 'at_once', '{}', '{}', true, true, true, false, true, false, true, false, '{}');
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION organization_has_portal() FROM PUBLIC;
REVOKE ALL ON FUNCTION portal_name_for(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal_name_for(text) TO ventanilla_staff;
CREATE TRIGGER organization_has_portal AFTER INSERT ON organization
  FOR EACH ROW EXECUTE FUNCTION organization_has_portal();
INSERT INTO portal_settings (organization_id, public_id, version, created_at, updated_at, name, title,
    notify_of_activity, notify_mode, notify_emails, muted, notify_customer_of_comments, allow_profile_edit,
    allow_address_edit, allow_card_edit, allow_forward, allow_reviews, show_sales_orders, show_projects, banner)
SELECT o.id, gen_random_uuid(), 1, now(), now(), portal_name_for(o.name) || CASE WHEN n = 1 THEN '' ELSE '-' || n END,
    o.name, true, 'at_once', '{}', '{}', true, true, true, false, true, false, true, false, '{}'
  FROM (SELECT id, name, row_number() OVER (PARTITION BY portal_name_for(name) ORDER BY id) n FROM organization) o;
"""

MAY_MOVE = "'state', 'balance_due', 'first_sent_at', {}'void_at', 'version', 'updated_at', 'updated_by_id',"
POSTED_STAYS = """
CREATE OR REPLACE FUNCTION posted_document_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  -- Generated columns are still empty here, and follow the others.
  may_move text[] := ARRAY[%s 'label', 'search_text'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'document_is_posted' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state = 'draft' OR (to_jsonb(NEW) - may_move) IS DISTINCT FROM (to_jsonb(OLD) - may_move) THEN
    RAISE EXCEPTION 'document_is_posted' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
"""

# Tasks and hours belong to their project's customer, whatever was written.
WORK_FOLLOWS = """
CREATE FUNCTION task_follows_project() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT p.customer_id INTO NEW.customer_id FROM project p
   WHERE p.id = NEW.project_id AND p.organization_id = NEW.organization_id;
  RETURN NEW;
END $$;
CREATE TRIGGER task_follows_project BEFORE INSERT OR UPDATE ON task
  FOR EACH ROW EXECUTE FUNCTION task_follows_project();
CREATE FUNCTION time_entry_follows_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT t.project_id, t.customer_id INTO NEW.project_id, NEW.customer_id FROM task t
   WHERE t.id = NEW.task_id AND t.organization_id = NEW.organization_id;
  RETURN NEW;
END $$;
CREATE TRIGGER time_entry_follows_task BEFORE INSERT OR UPDATE ON time_entry
  FOR EACH ROW EXECUTE FUNCTION time_entry_follows_task();
CREATE FUNCTION project_takes_its_work_along() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE task SET customer_id = NEW.customer_id WHERE project_id = NEW.id AND organization_id = NEW.organization_id;
  UPDATE time_entry SET customer_id = NEW.customer_id WHERE project_id = NEW.id AND organization_id = NEW.organization_id;
  RETURN NULL;
END $$;
CREATE TRIGGER project_takes_its_work_along AFTER UPDATE OF customer_id ON project
  FOR EACH ROW WHEN (OLD.customer_id <> NEW.customer_id) EXECUTE FUNCTION project_takes_its_work_along();
"""
COMMENTS_STAY = """
CREATE TRIGGER frozen_row BEFORE UPDATE ON comment FOR EACH ROW EXECUTE FUNCTION frozen_row();
CREATE TRIGGER frozen_row BEFORE UPDATE ON comment_file FOR EACH ROW EXECUTE FUNCTION frozen_row();
CREATE TRIGGER frozen_row BEFORE UPDATE ON quote_answer FOR EACH ROW EXECUTE FUNCTION frozen_row();
"""

EVERYDAY = [
    "access_request",
    "portal_membership",
    "review",
    "project",
    "task",
    "time_entry",
    "comment",
]
LOOKED_AT = ["portal_user", "portal_settings", "portal_text", "group_portal", "portal_event"]
PERMISSIONS = """
INSERT INTO permission (role_id, resource, action, denied, created_at, updated_at)
SELECT r.id, n, CASE r.code WHEN 'clerk' THEN '{clerk}' ELSE 'view' END, false, now(), now()
  FROM role r, unnest(ARRAY[{resources}]) n WHERE r.code IN ('clerk', 'reader')
"""


def upgrade() -> None:
    _add_columns()
    for table in STAFF_ONLY:
        op.execute(f"SELECT protect_table('{table}')")
    for table, condition in SEEN_IN_PORTAL.items():
        op.execute(f"SELECT protect_table('{table}', $${condition}$$)")
    for table, condition in SEEN_NOW.items():
        op.execute(
            f"CREATE POLICY portal_reads ON {table} FOR SELECT TO ventanilla_portal USING ({INSIDE} AND ({condition}))"
        )
        op.execute(f"GRANT SELECT ON {table} TO ventanilla_portal")
    for table, verb, columns, condition in WRITTEN:
        _let_write(table, verb, columns, f"{INSIDE} AND ({condition})")
    may_move = MAY_MOVE.format("'first_viewed_at', ")
    for rules in (
        ORGANIZATION,
        PORTAL_OF_EACH,
        AUDIT,
        FIND_PORTAL_SESSION,
        FIND_PORTAL,
        NOTE_VIEW,
        ANSWER_QUOTE,
        POSTED_STAYS % may_move,
        WORK_FOLLOWS,
        COMMENTS_STAY,
        PERMISSIONS.format(clerk="*", resources=_quoted(EVERYDAY)),
        PERMISSIONS.format(clerk="view", resources=_quoted(LOOKED_AT)),
    ):
        op.execute(rules)
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ventanilla_staff")


def downgrade() -> None:
    resources = sa.bindparam("resources", EVERYDAY + LOOKED_AT, expanding=True)
    op.execute(sa.text("DELETE FROM permission WHERE resource IN :resources").bindparams(resources))
    op.execute(POSTED_STAYS % MAY_MOVE.format(""))
    for table in ("comment", "comment_file", "quote_answer"):
        op.execute(f"DROP TRIGGER frozen_row ON {table}")
    for trigger, table in (
        ("task_follows_project", "task"),
        ("time_entry_follows_task", "time_entry"),
        ("project_takes_its_work_along", "project"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(f"DROP FUNCTION {trigger}()")
    op.execute("DROP TRIGGER organization_has_portal ON organization")
    for function in (
        "organization_has_portal()",
        "portal_name_for(text)",
        "find_portal_session(text, int)",
        "find_portal(text, text)",
        "note_first_view(bigint)",
        "answer_quote(bigint, text, date)",
    ):
        op.execute(f"DROP FUNCTION {function}")
    for table, verb, _columns, _condition in WRITTEN:
        op.execute(f"DROP POLICY portal_{verb.lower()}s ON {table}")
        op.execute(f"REVOKE {verb} ON {table} FROM ventanilla_portal")
    for table in SEEN_NOW:
        op.execute(f"DROP POLICY portal_reads ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM ventanilla_portal")
    for table, policies in (
        ("organization", ("owner_all", "staff_all", "portal_reads")),
        ("audit_event", ("staff_all", "portal_inserts")),
    ):
        for policy in policies:
            op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM ventanilla_portal")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.drop_column("share_link", "last_viewed_at")
    op.drop_column("share_link", "view_count")
    op.drop_column("document", "first_viewed_at")
    op.drop_column("customer_group", "tax_id_mask")
    op.drop_column("customer_group", "uses_portal")


def _add_columns() -> None:
    for table, column in (
        ("customer_group", sa.Column("uses_portal", sa.Boolean(), server_default="false")),
        ("share_link", sa.Column("view_count", sa.BigInteger(), server_default="0")),
    ):
        column.nullable = False
        op.add_column(table, column)
        op.alter_column(table, column.name, server_default=None)
    op.add_column("customer_group", sa.Column("tax_id_mask", sa.Text(), nullable=True))
    moment = sa.DateTime(timezone=True)
    op.add_column("document", sa.Column("first_viewed_at", moment, nullable=True))
    op.add_column("share_link", sa.Column("last_viewed_at", moment, nullable=True))


def _let_write(table: str, verb: str, columns: str, condition: str) -> None:
    """The right and the policy; whoever changes a row must see it before and after."""
    which = f" ({columns})" if columns else ""
    op.execute(f"GRANT {verb}{which} ON {table} TO ventanilla_portal")
    checks = {
        "INSERT": f"WITH CHECK ({condition})",
        "UPDATE": f"USING ({condition}) WITH CHECK ({condition})",
        "DELETE": f"USING ({condition})",
    }
    op.execute(
        f"CREATE POLICY portal_{verb.lower()}s ON {table} FOR {verb} TO ventanilla_portal {checks[verb]}"
    )


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
