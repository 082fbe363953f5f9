"""A command gets its services, its arguments and its signals; its exit code is ours."""

import signal
import subprocess
import sys

import pytest

from tests.embedded.conftest import ROOT, environment, processes_of, wait_until

COMMAND = (sys.executable, "-P", "-m", "embedded.run", "tests.embedded.stand_ins")


@pytest.fixture
def run_env(services):
    """Work on the folder of the whole test run, so that its services are joined."""
    return environment(services.data_dir)


def test_command_is_given_the_services_and_its_arguments(run_env):
    done = subprocess.run(
        [*COMMAND, "services", "a b"],
        cwd=ROOT,
        env=run_env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("a b postgresql+psycopg://ventanilla_owner:")
    assert done.returncode == 3


def test_services_that_cannot_be_had_are_one_line_and_exit_2(run_env):
    done = subprocess.run(
        [*COMMAND, "services"],
        cwd=ROOT,
        env={**run_env, "REDIS_URL": "redis://127.0.0.1:1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "REDIS_URL" in done.stderr


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_command_ends_with_its_runner(run_env, how):
    runner = subprocess.Popen([*COMMAND, "clock", f"by {how}"], cwd=ROOT, env=run_env)

    def commands() -> list[str]:
        lines = processes_of(run_env["VENTANILLA_DATA"]).values()
        return [line for line in lines if f"by {how}" in line and "embedded.run" not in line]

    wait_until(commands)

    runner.send_signal(how)

    runner.wait(timeout=10)
    wait_until(lambda: not commands())


def test_command_knows_the_address_of_the_server_on_its_folder(run_env, tmp_path):
    locks = tmp_path / "lock"
    locks.mkdir()
    (locks / "server").write_text("http://127.0.0.1:8123")
    looking = [
        sys.executable,
        "-P",
        "-c",
        "from embedded.run import _address_of_server as a; print(a())",
    ]
    env = {**run_env, "VENTANILLA_DATA": str(tmp_path)}

    done = subprocess.run(looking, cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "http://127.0.0.1:8123"
