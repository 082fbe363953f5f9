"""docs/how-to/add-a-model.md and add-a-screen.md, done for real: somebody new adds a model and its own screen (L-01)."""

from pathlib import Path

from tests.checkout_copy import block_after, copy_of, newest_revision, run_tests

FILES = {
    "models/sales/product.py": "# 1.",
    "migrations/versions/20261122_01_product.py": "# 3.",
    "tests/models/sales/test_product.py": "# 4.",
}


def test_the_how_to_works_as_it_is_written(root: Path, tmp_path: Path) -> None:
    """L-01: a model is one file; list, form and the rest come by declaration."""
    copy = copy_of(root, tmp_path)
    text = (root / "docs/how-to/add-a-model.md").read_text()
    screen = (root / "docs/how-to/add-a-screen.md").read_text()
    head = newest_revision(root)
    for name, heading in FILES.items():
        (copy / name).write_text(block_after(text, heading).replace("{head}", head))
    with (copy / "models/__init__.py").open("a") as file:
        file.write(block_after(text, "# 2."))

    (copy / "admin_views/crud/products.py").write_text(block_after(screen, "# 1."))
    doors = copy / "admin_views/__init__.py"
    doors.write_text(block_after(screen, "# 2.") + doors.read_text())
    (copy / "tests/admin_views/test_products.py").write_text(block_after(screen, "# 3."))

    run_tests(
        copy,
        "tests/models/sales/test_product.py",
        "tests/admin_views/test_products.py",
        "tests/test_migrations.py",
        "tests/models/test_walls.py",
    )
