"""Add the built-in roles administrator, clerk and reader with what they may do."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_04"
down_revision = "20261121_03"
branch_labels = None
depends_on = None

EVERYDAY = [
    "customer_group",
    "customer",
    "contact",
    "customer_contact",
    "document",
    "payment",
    "number_series",
    "message_template",
    "suppression",
    "mailing",
    "import_run",
]
READ_ONLY = ["organization", "branch", "department", "delivery", "file", "mail_account", "role"]
CLERK = [
    *((resource, "*", False) for resource in EVERYDAY),
    *((resource, "view", False) for resource in READ_ONLY),
    *((resource, "export", False) for resource in READ_ONLY),
    ("customer_group", "delete", True),
    ("number_series", "delete", True),
]
READER = [
    *((resource, "view", False) for resource in (*EVERYDAY, *READ_ONLY)),
    *((resource, "export", False) for resource in ("customer", "document", "payment", "contact")),
]
ROLES = [
    ("administrator", "Administrador", [("*", "*", False)]),
    ("clerk", "Facturación", CLERK),
    ("reader", "Consulta", READER),
]


def upgrade() -> None:
    connection = op.get_bind()
    for code, name, permissions in ROLES:
        role_id = connection.execute(
            sa.text(
                "INSERT INTO role (code, name, created_at, updated_at) VALUES (:code, :name, now(), now()) RETURNING id"
            ),
            {"code": code, "name": name},
        ).scalar_one()
        for resource, action, denied in permissions:
            connection.execute(
                sa.text(
                    "INSERT INTO permission (role_id, resource, action, denied, created_at, updated_at)"
                    " VALUES (:role, :resource, :action, :denied, now(), now())"
                ),
                {"role": role_id, "resource": resource, "action": action, "denied": denied},
            )


def downgrade() -> None:
    op.execute(
        "DELETE FROM permission WHERE role_id IN (SELECT id FROM role WHERE code IN ('administrator', 'clerk', 'reader'))"
    )
    op.execute("DELETE FROM role WHERE code IN ('administrator', 'clerk', 'reader')")
