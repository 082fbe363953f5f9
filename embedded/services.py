"""What the product needs to run: a database, a queue, a store of files; ours, or those of the settings."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from embedded.data_folder import DataFolder
from embedded.lease import Lease
from embedded.postgres import Postgres
from embedded.valkey import Valkey


@dataclass(frozen=True, slots=True)
class ServiceUrls:
    """Where the services answer; addresses with passwords, so never logged."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    files_url: str
    data_dir: Path
    superuser_url: str | None = field(default=None, repr=False)
    leases: tuple[Lease, ...] = field(default=(), repr=False, compare=False)

    def as_environment(self) -> dict[str, str]:
        """The settings that tell another process the same."""
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "FILES_URL": self.files_url,
            "VENTANILLA_DATA": str(self.data_dir),
        }


@contextmanager
def running_services(
    data_dir: Path | None,
    env: Mapping[str, str],
    *,
    postgres_settings: Mapping[str, str] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    stop_seconds: float = 6.0,
) -> Iterator[ServiceUrls]:
    """Use the services for a while: join those that run for this data folder, or start them.

    `data_dir` None means what `VENTANILLA_DATA` says. Services that `DATABASE_URL`, `REDIS_URL` and
    `FILES_URL` name are checked and used instead of ours. Raises Unavailable with a sentence for
    whoever set them.
    """
    folder = DataFolder(data_dir) if data_dir is not None else DataFolder.from_env(env)
    folder.create()
    given = _checked(env)
    postgres, valkey = Postgres(folder, env, postgres_settings), Valkey(folder, env)
    leases = []
    if "DATABASE_URL" not in given:
        leases.append(Lease(postgres, folder, env=env, settings=postgres_settings))
    if "REDIS_URL" not in given:
        leases.append(Lease(valkey, folder, env=env))
    with ExitStack() as stack:
        for lease in leases:
            stack.callback(lease.wait_until_stopped, stop_seconds)
        for lease in leases:
            stack.callback(lease.leave)
            lease.begin()
        for lease in leases:
            lease.wait(is_cancelled)
        yield ServiceUrls(
            database_url=given.get("DATABASE_URL") or postgres.owner_url,
            redis_url=given.get("REDIS_URL") or valkey.url,
            files_url=given.get("FILES_URL") or folder.files_url,
            data_dir=folder.path,
            superuser_url=None if "DATABASE_URL" in given else postgres.superuser_url,
            leases=tuple(leases),
        )


def _checked(env: Mapping[str, str]) -> dict[str, str]:
    """The services that the settings name, each checked."""
    if not any(env.get(name) for name in ("DATABASE_URL", "REDIS_URL", "FILES_URL")):
        return {}
    # Imported here: the embedded services need none of the clients' libraries.
    from embedded.external import checked_database_url, checked_files_url, checked_redis_url

    checks = {
        "DATABASE_URL": checked_database_url,
        "REDIS_URL": checked_redis_url,
        "FILES_URL": checked_files_url,
    }
    return {name: check(env[name]) for name, check in checks.items() if env.get(name)}
