"""The scripts set themselves up, in any folder and from any folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.embedded.conftest import ROOT

REAL_PYTHON = os.path.realpath(sys.executable)
SHOW = "import os, sys; print(os.getcwd(), *sys.argv[2:], sep='|')"


WITHOUT_SERVICES = """
import runpy, sys
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__")
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of a product that needs no packages, in a folder with spaces."""
    folder = tmp_path / "a checkout"
    (folder / "embedded").mkdir(parents=True)
    shutil.copytree(ROOT / "script", folder / "script")
    shutil.copy(ROOT / "embedded" / "setup.py", folder / "embedded")
    (folder / "embedded" / "run.py").write_text(WITHOUT_SERVICES)
    for name in ("requirements.lock", "requirements-dev.lock"):
        (folder / name).write_text("# nothing\n")
    (folder / "embedded" / "run.py").write_text(SHOW)
    return folder


def call(
    checkout: Path, script: str, *arguments: str, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "script" / script, *arguments],
        cwd=cwd or checkout,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_setup_works_once_and_again_only_when_the_lock_has_changed(checkout):
    first = call(checkout, "setup")
    second = call(checkout, "setup")
    (checkout / "requirements.lock").write_text("# another\n")
    third = call(checkout, "setup")

    assert [done.returncode for done in (first, second, third)] == [0, 0, 0]
    assert [done.stdout for done in (first, second, third)] == [
        "Installing Python packages ...\n",
        "",
        "Installing Python packages ...\n",
    ]


def test_setup_for_development_serves_the_server_too(checkout):
    call(checkout, "setup", "--dev")
    assert call(checkout, "setup").stdout == ""


def test_command_line_sets_up_silently_and_gets_its_arguments_and_folder(checkout, tmp_path):
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    (elsewhere / "embedded.py").write_text("raise SystemExit('the wrong module')")

    done = call(checkout, "cli", "import", "my file.csv", "--dry-run", "", cwd=elsewhere)

    assert done.stderr == ""
    assert done.stdout == f"{elsewhere}|import|my file.csv|--dry-run|\n"


def test_what_was_compiled_is_kept_even_where_an_image_says_otherwise(checkout):
    """Each process of the product would spend two seconds of a core on compiling its modules."""
    (checkout / "other_module.py").touch()
    (checkout / "embedded" / "run.py").write_text("import other_module")

    done = call(checkout, "cli", PYTHONDONTWRITEBYTECODE="1")

    assert done.returncode == 0, done.stderr
    assert [file.name for file in (checkout / "__pycache__").glob("other_module.*.pyc")]


def test_exit_code_of_the_program_is_passed_on(checkout):
    (checkout / "embedded" / "run.py").write_text("raise SystemExit(2)")
    assert call(checkout, "cli").returncode == 2


def test_two_scripts_at_once_wait_for_each_other(checkout):
    both = [
        subprocess.Popen([checkout / "script" / "setup"], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = sorted(one.communicate()[0] for one in both)
    assert [one.returncode for one in both] == [0, 0]
    assert said == ["", "Installing Python packages ...\n"]


def test_virtual_environment_whose_python_has_gone_is_made_again(checkout):
    call(checkout, "setup")
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")

    assert call(checkout, "cli", "x").stdout.endswith("|x\n")


def test_machine_without_uv_uses_pip_and_names_what_cannot_be_installed(checkout, tmp_path):
    path = folder_with(tmp_path, "sh", "dirname", "python3")
    done = call(checkout, "setup", PATH=path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (checkout / ".venv" / "bin" / "pip").exists()

    missing = f"./no-such-package.whl --hash=sha256:{'0' * 64}\n"
    (checkout / "requirements.lock").write_text(missing)
    done = call(checkout, "setup", PATH=path)

    assert done.returncode == 1
    assert "no-such-package" in done.stderr
    assert "failed with exit code" in done.stderr.splitlines()[-1]


def test_machine_without_python_is_told_so_in_one_line(checkout, tmp_path):
    done = call(checkout, "setup", PATH=folder_with(tmp_path, "sh", "dirname"), PYTHON="")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Python 3.11" in done.stderr


def folder_with(tmp_path: Path, *programs: str) -> str:
    """A PATH on which nothing but these programs is found."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for program in programs:
        # Not pyenv's or another's python3: such a wrapper needs programs that are not here.
        found = REAL_PYTHON if program == "python3" else shutil.which(program)
        start = f'#!/bin/sh\nexec "{found}" "$@"\n'
        (folder / program).write_text(start)
        (folder / program).chmod(0o755)
    return str(folder)
