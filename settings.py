"""Every setting, read once from the environment (`docs/settings.md` explains them)."""

import base64
import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

from sqlalchemy.engine import URL, make_url

from errors import Unavailable

HERE = Path(__file__).resolve().parent
# A page does not wait longer for Valkey: there is another way for all that it does (`docs/architecture.md`).
VALKEY_PATIENCE_SECONDS = 0.4
MAIL_PORTS = frozenset({25, 465, 587, 2525, 143, 993})

KEPT = "kept:"
OAUTH_URLS = (
    "GOOGLE_AUTHORIZE_URL",
    "GOOGLE_TOKEN_URL",
    "GOOGLE_REVOKE_URL",
    "MICROSOFT_LOGIN_URL",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What differs between installations; `database_url` is the owner's, the roles that serve derive from it."""

    database_url: str
    redis_url: str
    files_url: str
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    key_file: Path | None = None  # None: the keys come from the environment
    kept_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    ventanilla_data: Path = HERE / "var"
    public_base_url: str = "http://127.0.0.1:8000"
    ventanilla_demo: bool = False
    secure_cookies: bool = False
    mail_timeout_seconds: int = 30
    mail_ca_file: str | None = None
    google_authorize_url: str | None = None
    google_token_url: str | None = None
    google_revoke_url: str | None = None
    microsoft_login_url: str | None = None
    mail_ports: str = ""
    mail_private_networks: bool = True
    session_idle_minutes: int = 120
    session_hours: int = 12
    trusted_hosts: str = ""
    statement_timeout_seconds: int = 30
    document_retention_years: int = 10
    metrics_from: str = "127.0.0.1,::1"
    ready_workers: int = 2
    log_level: str = "INFO"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Self:
        """Read the environment; a missing setting stops the start, by name."""
        data = Path(env.get("VENTANILLA_DATA") or HERE / "var").resolve()
        missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not env.get(name)]
        if missing:
            raise Unavailable(
                f"The setting {missing[0]} is missing (script/server sets it by itself)."
            )
        given = tuple(env.get("ENCRYPTION_KEYS", "").split())
        file = None if given else _key_file_of(data)
        keys, kept = (given, {}) if file is None else read_keys(file)
        return cls(
            database_url=env["DATABASE_URL"],
            redis_url=env["REDIS_URL"],
            files_url=env.get("FILES_URL") or f"file://{quote(str(data / 'files'))}",
            secret_key=env.get("SECRET_KEY") or kept.get("cookies") or cookie_secret(keys),
            encryption_keys=keys,
            key_file=file,
            kept_secrets=kept,
            ventanilla_data=data,
            public_base_url=env.get("PUBLIC_BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
            ventanilla_demo=env.get("VENTANILLA_DEMO") == "1",
            secure_cookies=env.get("PUBLIC_BASE_URL", "").startswith("https://"),
            mail_timeout_seconds=_number(env, "MAIL_TIMEOUT_SECONDS", 30),
            mail_ca_file=env.get("MAIL_CA_FILE") or None,
            **{name.lower(): env.get(name) or None for name in OAUTH_URLS},
            mail_ports=env.get("MAIL_PORTS", ""),
            mail_private_networks=env.get("MAIL_PRIVATE_NETWORKS", "1") != "0",
            session_idle_minutes=_number(env, "SESSION_IDLE_MINUTES", 120),
            session_hours=_number(env, "SESSION_HOURS", 12),
            trusted_hosts=env.get("TRUSTED_HOSTS", ""),
            statement_timeout_seconds=_number(env, "STATEMENT_TIMEOUT_SECONDS", 30),
            document_retention_years=_number(env, "DOCUMENT_RETENTION_YEARS", 10),
            metrics_from=env.get("METRICS_FROM", "127.0.0.1,::1"),
            ready_workers=_number(env, "READY_WORKERS", 2),
            log_level=env.get("LOG_LEVEL", "INFO").upper(),
        )

    def for_flask(self) -> dict[str, Any]:
        """What Flask and its extensions want to know."""
        return {
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.role_url("staff"),
            "SQLALCHEMY_BINDS": {"portal": self.role_url("portal")},
            "SESSION_COOKIE_NAME": "__Host-staff" if self.secure_cookies else "staff",
            "SESSION_COOKIE_SECURE": self.secure_cookies,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "MAX_CONTENT_LENGTH": 64 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
            "MAX_FORM_PARTS": 20_000,
            "BABEL_DEFAULT_LOCALE": "es",
            "BABEL_TRANSLATION_DIRECTORIES": str(HERE / "translations"),
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_SSL_STRICT": False,
            "RATELIMIT_STORAGE_URI": self.redis_url.replace("unix://", "redis+unix://", 1),
            "RATELIMIT_STORAGE_OPTIONS": {
                "socket_connect_timeout": VALKEY_PATIENCE_SECONDS,
                "socket_timeout": VALKEY_PATIENCE_SECONDS,
            },
            "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        }

    def hosts(self) -> list[str]:
        """By which names people may reach us: the public one, those of `TRUSTED_HOSTS`, and this machine's own.

        As browsers write them: in small letters, ñ by its code (RFC 3492), IPv6 in brackets.
        """
        public = urlsplit(self.public_base_url).hostname or ""
        further = self.trusted_hosts.lower().replace(",", " ").split()
        names = [f"[{public}]" if ":" in public else public, *further]
        known = [name if name.isascii() else name.encode("idna").decode() for name in names if name]
        return [*dict.fromkeys([*known, "127.0.0.1", "localhost", "[::1]"])]

    def oauth_urls(self) -> dict[str, str]:
        """Where Google and Microsoft are asked, as far as it is not where everybody asks them."""
        names = [name.lower() for name in OAUTH_URLS]
        return {name: url for name in names if (url := getattr(self, name)) is not None}

    def reachable_ports(self) -> frozenset[int] | None:
        """The ports of mail servers, and those of `MAIL_PORTS`; None for `any`."""
        further = self.mail_ports.replace(",", " ").split()
        if further == ["any"]:
            return None
        if not all(port.isascii() and port.isdigit() for port in further):
            raise Unavailable("The setting MAIL_PORTS must be numbers, or any.")
        return MAIL_PORTS | frozenset(map(int, further))

    def role_password(self, role: str) -> str:
        """The password of one of the roles that serve; it follows from the oldest encryption key there was."""
        if role in self.kept_secrets:
            return self.kept_secrets[role]
        digest = hashlib.sha256(f"role:{role}:{self.encryption_keys[-1]}".encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def role_name(self, role: str) -> str:
        """The login of a role (`staff`, `portal`, `sender`); named after the database, which a cluster has once.

        Never the name of the group role (`ventanilla_staff`), whatever the database is called.
        """
        return f"{self._database_name}_{role}_login"

    def role_url(self, role: str) -> str:
        """Where a role of its own signs in: same server and database as the owner."""
        url = make_url(self.database_url).set(
            drivername="postgresql+psycopg",
            username=self.role_name(role),
            password=self.role_password(role),
        )
        return url.render_as_string(hide_password=False)

    def role_dsn(self, role: str) -> str:
        """The same for psycopg and PostgreSQL's own programs."""
        return plain_dsn(self.role_url(role))

    def logins(self) -> dict[str, tuple[str, str]]:
        """Login and password of every role that serves."""
        return {
            role: (self.role_name(role), self.role_password(role))
            for role in ("staff", "portal", "sender")
        }

    @property
    def _database_name(self) -> str:
        return make_url(self.database_url).database or "ventanilla"


def plain_dsn(url: str | URL) -> str:
    """The address as libpq reads it, which takes a `+` for a plus where SQLAlchemy means a space."""
    parts = make_url(url).set(drivername="postgresql")
    address = parts.set(query={}).render_as_string(hide_password=False)
    query = urlencode(parts.query, doseq=True, quote_via=quote)
    return f"{address}?{query}" if query else address


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(env.get(name) or default)
    except ValueError:
        raise Unavailable(f"The setting {name} must be a number.") from None


def cookie_secret(keys: tuple[str, ...]) -> str:
    """What signs cookies where nobody has said otherwise."""
    return hashlib.sha256(b"cookies:" + keys[-1].encode()).hexdigest()


def read_keys(path: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """The keys of a key file, newest first, and its lines `kept:name:value`.

    These hold what was worked out from a key that is not there any more (`services/system/key_file.py`).
    """
    words = path.read_text().split()
    keys = tuple(word for word in words if not word.startswith(KEPT))
    if not keys:
        raise Unavailable(f"The key file {path} is empty.")
    kept = (word.removeprefix(KEPT).partition(":") for word in words if word.startswith(KEPT))
    return keys, {name: value for name, _colon, value in kept}


def _key_file_of(data: Path) -> Path:
    """The key file of this data folder; made on the first start, for its owner only."""
    path = data / "secret.keys"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        draft = data / f".secret.keys.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(key + "\n")
        try:
            os.link(draft, path)  # whole or not at all, and never over a key that is there
        except FileExistsError:
            pass  # another process made it at the same moment
        finally:
            draft.unlink()
    return path
