"""Let a company say in which languages its portal speaks, and look for its words in its own language next.

All of them are on for everybody, old and new (`docs/decisions/0057-the-portal-in-portuguese.md`).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "20261127_89_languages"
down_revision = "20261127_87_undo"
branch_labels = None
depends_on = None

SAID = """
CREATE OR REPLACE FUNCTION contact_updated_text(wanted_lang text) RETURNS text
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
   ORDER BY level.depth, t.lang <> wanted_lang, %st.lang LIMIT 1
$$;
"""
OWN_LANGUAGE = (
    "t.lang <> (SELECT o.default_lang FROM organization o WHERE o.id = app_organization()), "
)


def upgrade() -> None:
    # The default stays: a trigger makes the row with its organization.
    op.add_column(
        "portal_settings",
        sa.Column("languages", ARRAY(sa.Text()), nullable=False, server_default="{es,en,pt}"),
    )
    name = op.f("ck_portal_settings_speaks_some_language")
    op.create_check_constraint(name, "portal_settings", "cardinality(languages) > 0")
    op.execute(SAID % OWN_LANGUAGE)


def downgrade() -> None:
    op.execute(SAID % "")
    op.drop_column("portal_settings", "languages")
