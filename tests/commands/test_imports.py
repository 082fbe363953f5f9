"""`import customers` and `import invoices`."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from models.people.organization import Organization
from tests.services.system.imports.sheets import customers, invoices


def run(app: Flask, *words: str) -> Any:
    return app.test_cli_runner().invoke(args=["import", *words])


@pytest.fixture
def code(organization: Organization) -> str:
    return organization.code


def test_the_json_names_each_wrong_row(app: Flask, code: str, tmp_path: Path) -> None:
    """L-10"""
    file = tmp_path / "clientes.csv"
    file.write_bytes(customers({}, {"number": "C2", "email": "wrong"}, {"number": "C3"}))

    result = run(app, "customers", str(file), "--organization", code, "--json")

    said = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (said["rows"], said["created"], said["updated"]) == (3, 2, 0)
    assert [set(cell) for cell in said["wrong"]] == [{"line", "column", "reason"}]
    assert (said["wrong"][0]["line"], said["wrong"][0]["column"]) == (3, "email")


def test_a_dry_run_leaves_everything_as_it_was(app: Flask, code: str, tmp_path: Path) -> None:
    file = tmp_path / "clientes.csv"
    file.write_bytes(customers({"group": "VIP"}))
    words = ("customers", str(file), "--organization", code, "--create-groups", "--json")

    rehearsed = run(app, *words, "--dry-run")
    imported = run(app, *words)
    repeated = run(app, *words)

    assert json.loads(rehearsed.stdout) == json.loads(imported.stdout)
    assert json.loads(repeated.stdout)["unchanged"] == 1


def test_wrong_rows_go_to_a_file(app: Flask, code: str, tmp_path: Path) -> None:
    file, wrong = tmp_path / "facturas.csv", tmp_path / "wrong.csv"
    file.write_bytes(invoices({"customer_number": "C404"}))

    result = run(app, "invoices", str(file), "--organization", code, "--wrong-file", str(wrong))

    assert result.exit_code == 0
    assert "C404" in wrong.read_text()
    assert "customer_number" in result.stdout


@pytest.mark.parametrize(
    ("content", "organization_code"),
    [(None, None), (b"", None), (b"number\n1\n", None), (customers({}), "NOBODY")],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_2(
    app: Flask, code: str, tmp_path: Path, content: bytes | None, organization_code: str | None
) -> None:
    file = tmp_path / "a.csv"
    if content is not None:
        file.write_bytes(content)

    result = run(app, "customers", str(file), "--organization", organization_code or code, "--json")

    assert (result.exit_code, result.stdout) == (2, "")
    assert len([line for line in result.stderr.splitlines() if not line.startswith("{")]) == 1


def test_a_column_that_is_left_out_is_said(app: Flask, code: str, tmp_path: Path) -> None:
    file = tmp_path / "clientes.csv"
    file.write_text("number,name,zzz\nC-1,Uno,nada\n", encoding="utf-8")

    result = run(app, "customers", str(file), "--organization", code, "--json")

    assert json.loads(result.stdout)["created"] == 1
    assert "“zzz”" in result.stderr


def test_wrong_rows_that_cannot_be_written_stop_it_before_it_begins(
    app: Flask, code: str, tmp_path: Path
) -> None:
    file = tmp_path / "clientes.csv"
    file.write_bytes(customers({"number": "C1"}, {"number": "C2", "email": "wrong"}))
    words = ("customers", str(file), "--organization", code)

    refused = run(app, *words, "--wrong-file", str(tmp_path / "nowhere" / "wrong.csv"))

    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert json.loads(run(app, *words, "--json").stdout)["created"] == 1
