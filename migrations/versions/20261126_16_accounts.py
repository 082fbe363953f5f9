"""Add what setting up everybody's mail accounts needs: owners, grants, defaults, checks, letterheads, incoming mail, OAuth."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_16_accounts"
down_revision = "20261126_speed"
branch_labels = None
depends_on = None

TABLES = (
    "oauth_application",
    "letterhead",
    "mail_account_check",
    "mail_account_default",
    "mail_account_grant",
    "oauth_token",
)
ACCOUNT_TEXTS = ("header_html", "signature_html", "footer_html")
SECURITY = ("none", "starttls", "tls")
NEW_COLUMNS = (
    "owner_id",
    "is_shared",
    "sign_in_by",
    "imap_host",
    "imap_port",
    "imap_security",
    "imap_login",
    "sync_days",
    "folders",
    "last_good_at",
    "last_bad_at",
)

# An empty text used to be no text of its own: that is NULL now, and the level above speaks.
FILL = (
    "UPDATE mail_account SET sync_days = 365",
    "UPDATE mail_account SET sign_in_by = 'password' WHERE password_sealed IS NOT NULL",
    "UPDATE mail_account SET header_html = nullif(header_html, ''), signature_html = nullif(signature_html, ''), footer_html = nullif(footer_html, '')",
)


def upgrade() -> None:
    op.create_table(
        "oauth_application",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        _words("provider", "oauthprovider", "google", "microsoft"),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=True),
        sa.Column("secret_sealed", sa.Text(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_oauth_application_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_oauth_application_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_oauth_application_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_application")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_oauth_application_organization_id_id")
        ),
        sa.UniqueConstraint(
            "organization_id",
            "provider",
            name=op.f("uq_oauth_application_organization_id_provider"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_oauth_application_public_id")),
    )
    op.create_table(
        "letterhead",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("default_domain", sa.Text(), nullable=True),
        sa.Column("header_html", sa.Text(), nullable=True),
        sa.Column("signature_html", sa.Text(), nullable=True),
        sa.Column("footer_html", sa.Text(), nullable=True),
        sa.Column("footer_in_replies", sa.Boolean(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "department_id IS NULL OR user_id IS NULL", name=op.f("ck_letterhead_is_of_one_level")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_letterhead_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "department_id"],
            ["department.organization_id", "department.id"],
            name=op.f("fk_letterhead_organization_id_department_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_letterhead_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_letterhead_updated_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_letterhead_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letterhead")),
        sa.UniqueConstraint(
            "organization_id",
            "department_id",
            "user_id",
            name=op.f("uq_letterhead_organization_id_department_id_user_id"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_letterhead_organization_id_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_letterhead_public_id")),
    )
    op.create_index("ix_letterhead_user_id", "letterhead", ["user_id"], unique=False)
    op.create_table(
        "mail_account_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("wants_message", sa.Boolean(), nullable=False),
        _words("state", "checkstate", "waiting", "running", "good", "doubtful", "bad"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (state IN ('waiting', 'running'))",
            name=op.f("ck_mail_account_check_ended_has_result"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user.id"], name=op.f("fk_mail_account_check_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["mail_account.organization_id", "mail_account.id"],
            name=op.f("fk_mail_account_check_organization_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_mail_account_check_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_account_check")),
    )
    op.create_index(
        "ix_mail_account_check_account_id", "mail_account_check", ["account_id", "id"], unique=False
    )
    op.create_index(
        "uq_mail_account_check_open",
        "mail_account_check",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "mail_account_default",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        _words("purpose", "mailpurpose", "invoices", "notices", "personal"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["mail_account.organization_id", "mail_account.id"],
            name=op.f("fk_mail_account_default_organization_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_mail_account_default_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_mail_account_default_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_account_default")),
        sa.UniqueConstraint(
            "organization_id",
            "user_id",
            "purpose",
            name=op.f("uq_mail_account_default_organization_id_user_id_purpose"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_mail_account_default_account_id", "mail_account_default", ["account_id"], unique=False
    )
    op.create_index(
        "ix_mail_account_default_user_id", "mail_account_default", ["user_id"], unique=False
    )
    op.create_table(
        "mail_account_grant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("can_read", sa.Boolean(), nullable=False),
        sa.Column("can_send", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["mail_account.organization_id", "mail_account.id"],
            name=op.f("fk_mail_account_grant_organization_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_mail_account_grant_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_mail_account_grant_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_account_grant")),
        sa.UniqueConstraint(
            "organization_id",
            "account_id",
            "user_id",
            name=op.f("uq_mail_account_grant_organization_id_account_id_user_id"),
        ),
    )
    op.create_index(
        "ix_mail_account_grant_user_id", "mail_account_grant", ["user_id"], unique=False
    )
    op.create_table(
        "oauth_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("access_sealed", sa.Text(), nullable=True),
        sa.Column("refresh_sealed", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["mail_account.organization_id", "mail_account.id"],
            name=op.f("fk_oauth_token_organization_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "application_id"],
            ["oauth_application.organization_id", "oauth_application.id"],
            name=op.f("fk_oauth_token_organization_id_application_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_oauth_token_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_token")),
        sa.UniqueConstraint(
            "organization_id", "account_id", name=op.f("uq_oauth_token_organization_id_account_id")
        ),
    )
    op.create_index(
        "ix_oauth_token_application_id", "oauth_token", ["application_id"], unique=False
    )
    for table in TABLES:
        op.execute(f"SELECT protect_table('{table}')")
    op.add_column("mail_account", sa.Column("owner_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_mail_account_owner_id"), "mail_account", "user", ["owner_id"], ["id"]
    )
    op.create_index("ix_mail_account_owner_id", "mail_account", ["organization_id", "owner_id"])
    _add("mail_account", sa.Column("is_shared", sa.Boolean(), nullable=False), "true")
    _add(
        "mail_account",
        _words("sign_in_by", "signinby", "nothing", "password", "consent", "application"),
        "'nothing'",
    )
    op.add_column("mail_account", sa.Column("imap_host", sa.Text(), nullable=True))
    _add("mail_account", sa.Column("imap_port", sa.BigInteger(), nullable=False), "993")
    _add("mail_account", _words("imap_security", "imap_security", *SECURITY), "'tls'")
    op.add_column("mail_account", sa.Column("imap_login", sa.Text(), nullable=True))
    op.add_column("mail_account", sa.Column("sync_days", sa.BigInteger(), nullable=True))
    _add("mail_account", sa.Column("folders", postgresql.JSONB(), nullable=False), "'{}'")
    op.add_column(
        "mail_account", sa.Column("last_good_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "mail_account", sa.Column("last_bad_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_check_constraint(
        op.f("ck_mail_account_incoming_port_is_possible"),
        "mail_account",
        "imap_port BETWEEN 1 AND 65535",
    )
    op.create_check_constraint(
        op.f("ck_mail_account_shared_has_no_owner"),
        "mail_account",
        "(owner_id IS NULL) OR NOT is_shared",
    )
    op.create_check_constraint(
        op.f("ck_mail_account_sync_days_are_positive"), "mail_account", "sync_days > 0"
    )
    for name in ACCOUNT_TEXTS:
        op.alter_column("mail_account", name, nullable=True)
    _for_all("mail_account", *FILL)
    _add("user", sa.Column("position", sa.Text(), nullable=False), "''")
    op.add_column("user", sa.Column("phone", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("user", "phone")
    op.drop_column("user", "position")
    _for_all(
        "mail_account",
        "UPDATE mail_account SET header_html = coalesce(header_html, ''), signature_html = coalesce(signature_html, ''), footer_html = coalesce(footer_html, '')",
    )
    for name in ACCOUNT_TEXTS:
        op.alter_column("mail_account", name, nullable=False)
    for column in NEW_COLUMNS:
        op.drop_column("mail_account", column)
    for table in reversed(TABLES):
        op.drop_table(table)


def _add(table: str, column: "sa.Column[object]", default: str) -> None:
    """Add a required column; rows that are there get the default, which is then the model's."""
    column.server_default = sa.DefaultClause(sa.text(default))
    op.add_column(table, column)
    op.alter_column(table, column.name, server_default=None)


def _for_all(table: str, *statements: str) -> None:
    """Change rows of every organization: the walls between them hold for the owner of the tables too."""
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for statement in statements:
        op.execute(statement)
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _words(column: str, name: str, *words: str) -> "sa.Column[object]":
    kind = sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=False)
