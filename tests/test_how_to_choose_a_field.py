"""docs/how-to/choose-a-field.md, done for real: a model with one column of every kind, walked through in both languages."""

from pathlib import Path

from tests.checkout_copy import block_after, copy_of, newest_revision, run_tests

MIGRATION = '''"""Add contract."""

from alembic import op

from models.sales.contract import Contract

revision = "20261231_contract"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    Contract.__table__.create(op.get_bind())
    op.execute("SELECT protect_table('contract')")


def downgrade() -> None:
    op.drop_table("contract")
'''


def test_every_kind_of_field_works_as_it_is_written(root: Path, tmp_path: Path) -> None:
    """L-05: each kind in list, filter, form, details, cell, export and audit."""
    checkout = copy_of(root, tmp_path)
    text = (root / "docs/how-to/choose-a-field.md").read_text()
    (checkout / "models/sales/contract.py").write_text(block_after(text, "# One of each"))
    with (checkout / "models/__init__.py").open("a") as file:
        file.write("import models.sales.contract  # noqa: F401\n")
    migration = MIGRATION.replace("{head}", newest_revision(root))
    (checkout / "migrations/versions/20261231_01_contract.py").write_text(migration)

    run_tests(checkout, "tests/admin_views/every_field.py")
