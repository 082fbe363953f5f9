"""Let addresses of mail accounts change places in one transaction, as when a column is pasted a row lower."""

from alembic import op

revision = "20261126_18_grid"
down_revision = "20261126_20_account_health"
branch_labels = None
depends_on = None

NAME = "uq_mail_account_organization_id_address_norm"
COLUMNS = ["organization_id", "address_norm"]


def upgrade() -> None:
    op.drop_constraint(NAME, "mail_account", type_="unique")
    op.create_unique_constraint(
        NAME, "mail_account", COLUMNS, deferrable=True, initially="IMMEDIATE"
    )


def downgrade() -> None:
    op.drop_constraint(NAME, "mail_account", type_="unique")
    op.create_unique_constraint(NAME, "mail_account", COLUMNS)
