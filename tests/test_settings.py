"""What the environment says, and how the addresses of the roles are written."""

from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from settings import Settings


def test_a_role_finds_a_socket_folder_with_spaces_and_signs(tmp_path: Path) -> None:
    settings = Settings.from_env(
        {
            "DATABASE_URL": "postgresql+psycopg://o:p@/v?host=%2Fa%20b%2Bc%25%2Frun&connect_timeout=5",
            "REDIS_URL": "unix:///nowhere",
            "VENTANILLA_DATA": str(tmp_path),
        }
    )

    found = conninfo_to_dict(settings.role_dsn("sender"))

    assert found["host"] == "/a b+c%/run"
    assert found["user"] == "v_sender_login"
    assert found["password"] == settings.role_password("sender")
    assert found["connect_timeout"] == "5"
