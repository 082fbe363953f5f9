"""One command runs everything as one process tree, and leaves nothing behind."""

import json
import os
import signal
import socket
import time

import pytest

from embedded.data_folder import DataFolder
from embedded.serve import kind_of
from errors import Conflict
from tests.embedded.conftest import ROOT, environment, get, processes_of, wait_until


def pid_of(data, words: str) -> int | None:
    return next((number for number, line in processes_of(data).items() if words in line), None)


def test_first_start_makes_the_demo_and_says_who_may_sign_in(data, start_server):
    server = start_server()
    address = server.wait_until_ready()

    assert server.said == ["Seeding", f"Ready: {address}"]
    assert server.wait_for("Sign in as") == "Sign in as ann@example.com"
    assert get(f"{address}/healthz")
    assert pid_of(data, "stand_ins clock")


def test_later_start_remembers_the_demo_and_does_not_seed_again(data, start_server):
    first = start_server()
    first.wait_until_ready()
    first.process.send_signal(signal.SIGTERM)
    first.ends_within(10)

    second = start_server()
    address = second.wait_until_ready()

    assert second.said == [f"Ready: {address}"]


def test_empty_start_prints_the_link_for_the_first_administrator(data, start_server):
    server = start_server("--empty")
    address = server.wait_until_ready()
    assert server.said == [f"Ready: {address}"]
    assert server.wait_for("First") == f"First administrator: {address}/first"
    assert "VENTANILLA_DEMO=1" not in environment_of(pid_of(data, "stand_ins web"))


def environment_of(number: int) -> str:
    with open(f"/proc/{number}/environ", encoding="utf-8") as file:
        return file.read()


def test_demo_folder_is_not_taken_for_real_work(data):
    folder = DataFolder(data)
    folder.create()
    assert kind_of(folder, wants_empty=False) == "demo"

    with pytest.raises(Conflict, match="holds the demo company"):
        kind_of(folder, wants_empty=True)


def test_folder_for_real_work_never_becomes_a_demo(data):
    folder = DataFolder(data)
    folder.create()
    assert kind_of(folder, wants_empty=True) == "real"
    assert kind_of(folder, wants_empty=False) == "real"


def test_children_are_told_where_everything_is(running):
    data = running.data
    told = dict(
        line.partition("=")[::2]
        for line in environment_of(pid_of(data, "stand_ins web")).split("\0")
    )
    assert told["DATABASE_URL"].startswith("postgresql+psycopg://ventanilla_owner:")
    assert told["REDIS_URL"].startswith("unix://")
    assert told["FILES_URL"] == (data / "files").as_uri()
    assert told["VENTANILLA_DATA"] == str(data)
    assert told["PUBLIC_BASE_URL"] == running.address
    assert told["VENTANILLA_DEMO"] == "1"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stop_ends_everything_within_ten_seconds(data, start_server, how):
    server = start_server()
    server.wait_until_ready()
    worker = wait_until(lambda: pid_of(data, "stand_ins horse"))
    begun = time.monotonic()

    server.process.send_signal(how)

    assert server.ends_within(10) == 0
    assert time.monotonic() - begun < 10
    assert worker is not None
    assert processes_of(data) == {}


def test_stop_in_the_middle_of_the_start_is_obeyed_too(data, start_server):
    server = start_server()
    wait_until(lambda: pid_of(data, "initdb") or pid_of(data, "postgres -D"))

    server.process.send_signal(signal.SIGTERM)

    assert server.ends_within(10) == 0
    assert processes_of(data) == {}


def test_killed_supervisor_leaves_no_process(data, start_server):
    server = start_server()
    server.wait_until_ready()
    wait_until(lambda: pid_of(data, "stand_ins horse"))

    server.process.kill()

    wait_until(lambda: not processes_of(data), seconds=5)
    again = start_server()
    assert get(again.wait_until_ready())


@pytest.mark.parametrize("name", ["web", "worker", "clock"])
def test_killed_child_is_started_again(running, name):
    number = wait_until(lambda: pid_of(running.data, f"stand_ins {name}"))

    os.kill(number, signal.SIGKILL)

    assert "ended (signal SIGKILL); starting it again" in running.server.wait_for(name)
    wait_until(lambda: pid_of(running.data, f"stand_ins {name}") not in {None, number})
    assert get(running.address)


def test_callers_wait_while_the_web_process_starts_again(running):
    os.kill(int(get(running.address)), signal.SIGKILL)

    assert get(running.address)


@pytest.mark.parametrize("words", ["keeper postgres", "keeper valkey"])
def test_killed_keeper_is_replaced(running, words):
    number = pid_of(running.data, words)

    os.kill(number, signal.SIGKILL)

    wait_until(lambda: pid_of(running.data, words) not in {None, number})


def test_killed_worker_takes_its_own_child_along(running):
    worker = wait_until(lambda: pid_of(running.data, "stand_ins worker"))
    horse = wait_until(lambda: pid_of(running.data, f"stand_ins horse {worker}"))

    os.kill(worker, signal.SIGKILL)

    wait_until(lambda: horse not in processes_of(running.data))


def test_second_server_on_the_same_folder_is_refused_with_the_address_of_the_first(
    running, start_server
):
    second = start_server(env=environment(running.data))

    assert second.ends_within(10) == 2
    assert len(second.said) == 1
    assert running.address in second.said[0]
    assert "VENTANILLA_DATA" in second.said[0]


def test_two_servers_run_side_by_side_on_two_folders(data, env, start_server):
    first, second = (
        start_server(env={**env, "VENTANILLA_DATA": str(data / name)}) for name in ("a b", "c")
    )
    addresses = {first.wait_until_ready(), second.wait_until_ready()}
    assert len(addresses) == 2
    assert all(get(address) for address in addresses)


def test_port_that_is_taken_is_refused_in_one_sentence(data, start_server):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = start_server("--port", str(port))
        assert server.ends_within(10) == 2
    assert server.said == [
        f"Port {port} cannot be used (Address already in use); choose another with --port."
    ]


def test_chosen_port_is_used(data, start_server):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    assert start_server("--port", str(port)).wait_until_ready() == f"http://127.0.0.1:{port}"


def test_failed_preparation_stops_the_start_with_its_sentence(data, start_server):
    data.mkdir()
    (data / "refuse-to-prepare").touch()

    server = start_server()

    assert server.ends_within(15) == 2
    assert server.said == ["The database is newer than this version."]
    assert processes_of(data) == {}


def test_events_are_one_json_object_a_line(running):
    lines = (running.data / "log" / "server.log").read_text().splitlines()
    events = [json.loads(line) for line in lines]

    assert {"web", "worker-1", "clock"} <= {event["child"] for event in events}
    assert {event.keys() >= {"at", "level", "from", "event"} for event in events} == {True}


def test_children_work_in_the_checkout(running):
    web = wait_until(lambda: pid_of(running.data, "stand_ins web"))
    assert os.readlink(f"/proc/{web}/cwd") == str(ROOT)
