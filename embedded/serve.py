"""`script/server`: everything on one machine, as one process tree."""

import argparse
import http.client
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence

from embedded.child import Child
from embedded.data_folder import DataFolder, python_path
from embedded.demo_ports import demo_ports
from embedded.plan import Plan, product_plan
from embedded.services import running_services
from embedded.supervisor import StopRequested, Supervisor
from errors import AppError, Conflict, Invalid, Unavailable

_FIRST_PORT, _LAST_PORT = 8000, 8010
_START_SECONDS = 180.0
_ENDS_BEFORE_GIVING_UP = 3
_SERVICES_STOP_SECONDS = 3.0


def main(arguments: Sequence[str], plan: Plan) -> int:
    """Run until asked to stop; answer the exit code."""
    supervisor = Supervisor()
    parser = argparse.ArgumentParser(prog="script/server", description=__doc__)
    parser.add_argument("--port", type=int, help=f"default: the first free one from {_FIRST_PORT}")
    parser.add_argument("--empty", action="store_true", help="no demo company: for real work")
    options = parser.parse_args(arguments)
    folder = DataFolder.from_env(os.environ)
    try:
        folder.create()
        supervisor.log_to(folder)
        with folder.lock("server") as lock:
            if not lock.try_alone():
                address = (folder.locks / "server").read_text()
                raise Conflict(
                    f"A server already runs on the data folder {folder.path} ({address}); "
                    "stop it, or choose another folder with VENTANILLA_DATA."
                )
            kind = kind_of(folder, wants_empty=options.empty)
            with listening_socket(options.port) as listener:
                address = f"http://127.0.0.1:{listener.getsockname()[1]}"
                lock.write(address)
                return _serve(supervisor, folder, plan, listener, address, kind)
    except StopRequested:
        return 0
    except AppError as error:
        print(error.message, file=sys.stderr)
        return 2


def kind_of(folder: DataFolder, *, wants_empty: bool) -> str:
    """Whether a folder holds the `demo` or `real` work: decided at its first start, then remembered."""
    kind = folder.recall().get("kind")
    if kind == "demo" and wants_empty:
        raise Conflict(
            f"The data folder {folder.path} holds the demo company; "
            "choose another folder for real work with VENTANILLA_DATA."
        )
    if kind is None:
        kind = "real" if wants_empty else "demo"
        folder.note(kind=kind)
    return kind


def listening_socket(port: int | None) -> socket.socket:
    """The open port: the one that was asked for, else the first that is free.

    We hold it ourselves, so while the web process starts again callers wait instead of being refused.
    """
    candidates = [port] if port is not None else range(_FIRST_PORT, _LAST_PORT + 1)
    for candidate in candidates:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", candidate))
            listener.listen(512)
        except (OSError, OverflowError) as error:
            listener.close()
            reason = getattr(error, "strerror", None) or "not a port"
        else:
            return listener
    if port is None:
        raise Conflict(
            f"The ports {_FIRST_PORT} to {_LAST_PORT} are all taken; choose one with --port."
        )
    raise Invalid(f"Port {port} cannot be used ({reason}); choose another with --port.")


def _serve(
    supervisor: Supervisor,
    folder: DataFolder,
    plan: Plan,
    listener: socket.socket,
    address: str,
    kind: str,
) -> int:
    with running_services(
        folder.path,
        os.environ,
        postgres_settings=plan.postgres_settings,
        is_cancelled=lambda: supervisor.is_stopping,
        stop_seconds=_SERVICES_STOP_SECONDS,
    ) as services:
        if supervisor.is_stopping:
            return 0
        supervisor.watch(services.leases)
        env = _environment(services.as_environment(), address, kind)
        is_demo = kind == "demo"
        steps = [plan.prepare]
        if is_demo:
            ports, have_moved = demo_ports(folder)
            env |= ports
            if have_moved or "is_seeded" not in folder.recall():
                steps.append(plan.seed)
        for step in steps:
            if code := supervisor.run_step(step, env):
                return code
        if is_demo:
            folder.note(is_seeded="yes")
        try:
            web = supervisor.start(plan.web, folder, env, listener.fileno())
            for program in plan.programs + (plan.demo_programs if is_demo else ()):
                supervisor.start(program, folder, env, listener.fileno())
            # It says so when the workers live too.
            _wait_until_healthy(supervisor, web, folder, listener.getsockname()[1])
            supervisor.say(f"Ready: {address}")
            welcome = plan.accounts if is_demo else plan.first_admin
            # Should it fail, it says so itself, and the server serves all the same.
            supervisor.run_step(_with_address(welcome, env), env)
            while not supervisor.is_stopping:
                supervisor.tend()
        finally:
            supervisor.stop()
    return 0


def _environment(services: Mapping[str, str], address: str, kind: str) -> dict[str, str]:
    """What the children are told."""
    env = {name: text for name, text in os.environ.items() if name != "VENTANILLA_DEMO"}
    env |= {**services, "PYTHONPATH": python_path(env), "PYTHONUNBUFFERED": "1"}
    env.setdefault("PUBLIC_BASE_URL", address)
    return env | ({"VENTANILLA_DEMO": "1"} if kind == "demo" else {})


def _with_address(step: Sequence[str], env: Mapping[str, str]) -> list[str]:
    return [part.replace("{base_url}", env["PUBLIC_BASE_URL"]) for part in step]


def _wait_until_healthy(supervisor: Supervisor, web: Child, folder: DataFolder, port: int) -> None:
    """Return when `/healthz` answers 200; raise Unavailable with its last words when it never does."""
    deadline = time.monotonic() + _START_SECONDS
    is_healthy, words = False, ""
    while not is_healthy:
        if supervisor.is_stopping:
            raise StopRequested
        if web.ends_in_a_row >= _ENDS_BEFORE_GIVING_UP:
            raise Unavailable(f"The web process does not start; see {folder.logs / web.name}.log.")
        if time.monotonic() > deadline:
            raise Unavailable(
                f"Not everything lives after {_START_SECONDS:.0f} s; see {folder.logs}. {words}"
            )
        supervisor.tend()
        is_healthy, words = _health(port)


def _health(port: int) -> tuple[bool, str]:
    """Whether all is well, and what the page says, on one line."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        return answer.status == http.HTTPStatus.OK, " ".join(answer.read(2000).decode().split())
    except (OSError, http.client.HTTPException) as error:
        return False, f"{type(error).__name__} at /healthz."
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], product_plan()))
