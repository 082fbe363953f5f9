"""Migrations go both ways and agree with the models."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.pool import NullPool

import models  # noqa: F401  # fills the metadata
from embedded.services import ServiceUrls
from models.base import db
from services.system.database import migrate
from settings import Settings


@pytest.fixture
def fresh_database(services: ServiceUrls, settings: Settings) -> Engine:
    assert services.superuser_url
    owner = make_url(settings.database_url)
    name = f"{owner.database}_fresh"
    with psycopg.connect(
        services.superuser_url.replace("+psycopg", ""), autocommit=True
    ) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(owner.username or "")
            )
        )
    return create_engine(owner.set(database=name), poolclass=NullPool)


def test_migrations_go_up_down_and_up_again(fresh_database: Engine) -> None:
    with fresh_database.connect() as connection:
        migrate(connection)
        connection.commit()
        migrate(connection, to="base", down=True)
        connection.commit()
        left = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        assert list(left) == ["alembic_version"]
        migrate(connection)
        connection.commit()


def test_migrations_agree_with_models(fresh_database: Engine) -> None:
    with fresh_database.connect() as connection:
        migrate(connection)
        connection.commit()
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, db.metadata) == []


def test_the_built_in_roles_exist(fresh_database: Engine) -> None:
    with fresh_database.connect() as connection:
        migrate(connection)
        connection.commit()
        roles = connection.execute(text("SELECT code FROM role ORDER BY id")).scalars().all()

    assert roles == ["administrator", "clerk", "reader"]


def test_addresses_that_are_there_are_compared_in_the_form_of_the_wire(
    fresh_database: Engine, services: ServiceUrls
) -> None:
    """S3-25: what was read before the product knew that both forms are one."""
    known = ["ana@cliente.example", "ñ@peñalba.example", "nadie@¡no!"]
    with fresh_database.connect() as connection:
        migrate(connection, to="20261128_93_presence")
        connection.commit()
    owner = make_url(services.superuser_url or "").set(database=fresh_database.url.database)
    with create_engine(owner, poolclass=NullPool).begin() as superuser:
        superuser.execute(text("SET session_replication_role = replica"))  # no message is needed
        superuser.execute(
            text(
                "INSERT INTO message_party (organization_id, message_id, position, field, name, address, address_norm)"
                " VALUES (1, 1, :n, 'to', '', :address, :address)"
            ),
            [{"n": n, "address": address} for n, address in enumerate(known)],
        )
    with fresh_database.connect() as connection:
        migrate(connection)
        connection.commit()
        found = text("SELECT address_norm FROM message_party ORDER BY position")
        now = connection.execute(found).scalars().all()

    assert now == ["ana@cliente.example", "ñ@xn--pealba-xwa.example", "nadie@¡no!"]
