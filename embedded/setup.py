"""`script/setup`: make what the other scripts need, where it is missing or has changed.

Runs before anything is installed, so it uses the standard library only and imports none of our modules.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_NODE = 20
# What the style sheet is made from: names that none of these files uses are left out of it.
ASSET_SOURCES = (
    "package.json",
    "package-lock.json",
    "assets/**/*",
    "templates/**/*.html",
    "admin_views/**/*.py",
    "portal/**/*.py",
)


class SetupError(Exception):
    """Something is missing that we cannot make; the message says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Set up, then become the program that was asked for."""
    parser = argparse.ArgumentParser(prog="script/setup", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--quiet", action="store_true", help="say nothing when all goes well")
    parser.add_argument("--then", nargs=argparse.REMAINDER, default=[], help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    setup = Setup(is_quiet=options.quiet)
    try:
        setup.install(ROOT / ("requirements-dev.lock" if options.dev else "requirements.lock"))
        setup.build_assets()
        setup.compile_translations()
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    if options.then:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        # Images of containers switch off that Python keeps what it compiled: each of our processes would then spend
        # two seconds of a core on 2,000 modules. Where the folder cannot be written to, Python goes on without.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        os.execve(PYTHON, [str(PYTHON), "-P", "-m", *options.then], environment)  # nosec B606
    return 0


class Setup:
    """The steps; each looks first whether there is anything to do."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        # The checkout itself is the lock: two scripts at once wait for each other.
        self._lock = os.open(ROOT, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def install(self, lock: Path) -> None:
        """Install the pinned, hashed packages into `.venv`."""
        stamp = VENV / f".{lock.name}.installed"
        if PYTHON.exists() and is_stamped(stamp, [lock]):
            return
        self._say("Installing Python packages ...")
        if not (shutil.which("uv") and self._install_with_uv(lock)):
            self._install_with_pip(lock)
        if lock.name == "requirements-dev.lock":
            write_stamp(VENV / ".requirements.lock.installed", [ROOT / "requirements.lock"])
        write_stamp(stamp, [lock])

    def _install_with_uv(self, lock: Path) -> bool:
        """Quick, but it does not read pip's configuration: when it fails, pip has its try."""
        environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
        base = os.path.realpath(sys.executable)
        is_made = PYTHON.exists() or succeeds(
            ["uv", "venv", "--quiet", "--allow-existing", "--python", base, str(VENV)], environment
        )
        install = ["uv", "pip", "install", "--quiet", "--python", str(PYTHON)]
        return is_made and succeeds([*install, "--require-hashes", "-r", str(lock)], environment)

    def _install_with_pip(self, lock: Path) -> None:
        if not succeeds([str(PYTHON), "-m", "pip", "--version"], os.environ):
            if importlib.util.find_spec("ensurepip") is None:
                raise SetupError(
                    "This Python cannot make virtual environments: "
                    "run `apt install python3-venv` (or install uv), then try again."
                )
            base = os.path.realpath(sys.executable)
            self._run([base, "-m", "venv", "--clear", str(VENV)], os.environ)
        # Byte-compiling takes longer than all the rest; Python does it anyway when it imports.
        install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-compile"]
        self._run(
            [*install, "--disable-pip-version-check", "--require-hashes", "-r", str(lock)],
            os.environ,
        )

    def build_assets(self) -> None:
        """Build `static/dist` with Node.js: the machine's own, else one from PyPI in `.venv`."""
        if not (ROOT / "package.json").exists():
            return
        sources = sorted({file for pattern in ASSET_SOURCES for file in ROOT.glob(pattern)})
        packages = [ROOT / "package-lock.json"]
        packages_stamp = ROOT / "node_modules" / ".installed"
        assets_stamp = ROOT / "static" / "dist" / ".built"
        if is_stamped(assets_stamp, sources):
            return
        environment = self._environment_with_node()
        if not is_stamped(packages_stamp, packages):
            self._say("Installing front-end packages ...")
            quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
            self._run(["npm", "ci", *quietly], environment)
            write_stamp(packages_stamp, packages)
        self._say("Building the front end ...")
        self._run(["npm", "run", "build"], environment)
        write_stamp(assets_stamp, sources)

    def _environment_with_node(self) -> Mapping[str, str]:
        if shutil.which("npm") and node_version("node") >= OLDEST_NODE:
            return os.environ
        if not (VENV / "bin" / "npm").exists():
            self._say("Installing Node.js ...")
            lock = ROOT / "requirements-node.lock"
            if not (shutil.which("uv") and self._install_with_uv(lock)):
                self._install_with_pip(lock)
        path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
        return {**os.environ, "PATH": path}

    def compile_translations(self) -> None:
        """Compile the catalogues that have changed."""
        catalogues = sorted(ROOT.glob("translations/*/LC_MESSAGES/*.po"))
        if not catalogues:
            return
        stamp = VENV / ".translations.compiled"
        compiled = [catalogue.with_suffix(".mo") for catalogue in catalogues]
        if all(file.exists() for file in compiled) and is_stamped(stamp, catalogues):
            return
        compiler = [str(PYTHON), "-m", "babel.messages.frontend", "compile"]
        self._run([*compiler, "--directory", str(ROOT / "translations")], os.environ)
        write_stamp(stamp, catalogues)

    def _run(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run a tool; what it says is of interest only when it fails."""
        done = run(argv, environment)
        if done.returncode != 0:
            sys.stderr.write(done.stdout[-4000:])
            raise SetupError(f"`{' '.join(argv[:4])} ...` failed with exit code {done.returncode}.")

    def _say(self, line: str) -> None:
        if not self._is_quiet:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


def run(argv: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a tool in the checkout and keep what it says; a SIGTERM to us ends it too."""
    try:
        with subprocess.Popen(
            argv,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as tool:
            try:
                said, _ = tool.communicate()
            except BaseException:
                # Tools start tools of their own: all of them end with us.
                os.killpg(tool.pid, signal.SIGTERM)
                raise
    except OSError as error:
        return subprocess.CompletedProcess(argv, 127, f"{argv[0]}: {error.strerror}\n")
    return subprocess.CompletedProcess(argv, tool.returncode, said)


def succeeds(argv: Sequence[str], environment: Mapping[str, str]) -> bool:
    return run(argv, environment).returncode == 0


def node_version(program: str) -> int:
    """The major version of a Node.js, or 0."""
    answer = run([program, "--version"], os.environ).stdout.removeprefix("v")
    major = answer.partition(".")[0]
    return int(major) if major.isdigit() else 0


def is_stamped(stamp: Path, files: Iterable[Path]) -> bool:
    """Whether these very files were worked on already."""
    return stamp.exists() and stamp.read_text() == _digest(files)


def write_stamp(stamp: Path, files: Iterable[Path]) -> None:
    """Remember that these files were worked on."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(_digest(files))


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        if file.is_file():
            digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
