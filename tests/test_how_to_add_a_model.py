"""docs/how-to/add-a-model.md, done for real: somebody new adds a model with its screen by four files (L-01)."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

FILES = {
    "models/sales/product.py": "# 1.",
    "migrations/versions/20261122_01_product.py": "# 3.",
    "tests/models/sales/test_product.py": "# 4.",
}


def block_after(text: str, heading: str) -> str:
    """The first Python block below the heading that begins with these words."""
    return re.split(r"```python\n|```", text.split(f"#{heading}")[1])[1]


def test_the_how_to_works_as_it_is_written(root: Path, tmp_path: Path) -> None:
    """L-01: a model is one file; list, form and the rest come by declaration."""
    copy = tmp_path / "checkout"
    leave_out = shutil.ignore_patterns(
        ".git", ".venv", "var", "node_modules", "__pycache__", ".*_cache"
    )
    shutil.copytree(root, copy, ignore=leave_out)
    text = (root / "docs/how-to/add-a-model.md").read_text()
    config = Config()
    config.set_main_option("script_location", str(root / "migrations"))
    head = ScriptDirectory.from_config(config).get_current_head()
    for name, heading in FILES.items():
        (copy / name).write_text(block_after(text, heading).replace("{head}", str(head)))
    with (copy / "models/__init__.py").open("a") as file:
        file.write(block_after(text, "# 2."))

    tests = [
        "tests/models/sales/test_product.py",
        "tests/test_migrations.py",
        "tests/models/test_walls.py",
    ]
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests],
        cwd=copy,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert outcome.returncode == 0, outcome.stdout[-3000:] + outcome.stderr[-2000:]
