"""Alembic runs here: always online, on the connection of whoever calls."""

from alembic import context

import models  # noqa: F401  # fills the metadata
from models.base import db

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=db.metadata,
    compare_type=True,
    compare_server_default=False,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
