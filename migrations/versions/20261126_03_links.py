"""Add links that open one document, and how each message brings its documents."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_02_links"
down_revision = "20261126_fields"
branch_labels = None
depends_on = None

# Nobody is signed in when a link is opened: its hash alone says in whose scope to go on.
FIND_SHARE_LINK = """
CREATE FUNCTION find_share_link(wanted text)
RETURNS TABLE (organization_id bigint, customer_id bigint, document_id bigint, file_sha256 text,
               expires_at timestamptz, sender text, sender_tax_id text, sender_email text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT l.organization_id, d.customer_id, l.document_id, f.file_sha256, l.expires_at,
         coalesce(o.legal_name, o.name), o.tax_id, o.email
    FROM share_link l
    JOIN document d ON d.id = l.document_id AND d.organization_id = l.organization_id
    JOIN organization o ON o.id = l.organization_id
    JOIN delivery_document f ON f.delivery_id = l.delivery_id AND f.document_id = l.document_id
   WHERE l.token_hash = wanted AND l.revoked_at IS NULL AND l.expires_at > now() AND d.state <> 'draft'
$$;
REVOKE ALL ON FUNCTION find_share_link(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_share_link(text) TO ventanilla_portal;
"""
# The files that the mailing sent along with a document, such as its XML; what was attached later is not among them.
FIND_SHARED_FILES = """
CREATE FUNCTION find_shared_files(wanted text)
RETURNS TABLE (sha256 text, name text, media_type text, size_bytes bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  SELECT f.sha256, coalesce(x.name, f.name), f.media_type, f.size_bytes
    FROM share_link l
    JOIN delivery v ON v.id = l.delivery_id
    JOIN mailing m ON m.id = v.mailing_id
    JOIN document_file x ON x.organization_id = l.organization_id AND x.document_id = l.document_id
                        AND x.kind = ANY (m.extra_file_kinds) AND x.created_at <= v.created_at
    JOIN file f ON f.organization_id = x.organization_id AND f.id = x.file_id
   WHERE l.token_hash = wanted AND l.revoked_at IS NULL AND l.expires_at > now()
   ORDER BY x.kind DESC, x.id
$$;
REVOKE ALL ON FUNCTION find_shared_files(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_shared_files(text) TO ventanilla_portal;
"""


# Who sends may withdraw what was sent; who reads may see what is out there.
PERMISSIONS = """
INSERT INTO permission (role_id, resource, action, denied, created_at, updated_at)
SELECT id, 'share_link', CASE code WHEN 'clerk' THEN '*' ELSE 'view' END, false, now(), now()
  FROM role WHERE code IN ('clerk', 'reader')
"""


def upgrade() -> None:
    op.add_column(
        "delivery",
        sa.Column(
            "attach_mode",
            sa.Enum(
                "attach",
                "link",
                "both",
                name="attachmode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
    )
    op.create_table(
        "share_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "document_id"],
            ["document.organization_id", "document.id"],
            name=op.f("fk_share_link_organization_id_document_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "delivery_id"],
            ["delivery.organization_id", "delivery.id"],
            name=op.f("fk_share_link_organization_id_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_share_link_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_share_link_token_hash")),
    )
    op.create_index(
        "ix_share_link_by_document", "share_link", ["organization_id", "document_id", "id"]
    )
    op.create_index("ix_share_link_delivery_id", "share_link", ["delivery_id"])
    op.execute("SELECT protect_table('share_link')")
    op.execute(FIND_SHARE_LINK)
    op.execute(FIND_SHARED_FILES)
    op.execute(PERMISSIONS)


def downgrade() -> None:
    op.execute("DELETE FROM permission WHERE resource = 'share_link'")
    op.execute("DROP FUNCTION find_shared_files(text)")
    op.execute("DROP FUNCTION find_share_link(text)")
    op.drop_table("share_link")
    op.drop_column("delivery", "attach_mode")
