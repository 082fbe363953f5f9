"""A copy of the checkout that somebody has changed, with its own tests run in it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

LEFT_OUT = (".git", ".venv", "var", "node_modules", "__pycache__", ".*_cache")


def copy_of(root: Path, folder: Path) -> Path:
    """The checkout without what is made from it."""
    return Path(
        shutil.copytree(root, folder / "checkout", ignore=shutil.ignore_patterns(*LEFT_OUT))
    )


def block_after(text: str, heading: str) -> str:
    """The first Python block below the heading that begins with these words."""
    return re.split(r"```python\n|```", text.split(f"#{heading}")[1])[1]


def newest_revision(root: Path) -> str:
    """The migration that the next one follows."""
    config = Config()
    config.set_main_option("script_location", str(root / "migrations"))
    return str(ScriptDirectory.from_config(config).get_current_head())


def run_tests(checkout: Path, *tests: str) -> None:
    """Run these tests there; the end of what they print is the reason of a failure."""
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests],
        cwd=checkout,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert outcome.returncode == 0, outcome.stdout[-3000:] + outcome.stderr[-2000:]
