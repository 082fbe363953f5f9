"""Gunicorn assembles the product once and then forks: nothing may be open by then."""

import os
import subprocess
import sys
from pathlib import Path

from settings import Settings

ASSEMBLE = """
import threading
from app import create_app
from models.base import db
app = create_app()
with app.app_context():
    pools = [engine.pool for engine in db.engines.values()]
    print(threading.active_count(), sum(pool.checkedin() + pool.checkedout() for pool in pools))
"""


def test_assembled_product_holds_no_thread_and_no_connection(
    settings: Settings, root: Path
) -> None:
    env = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "VENTANILLA_DATA": str(settings.ventanilla_data),
        "PYTHONPATH": str(root),
    }

    told = subprocess.run(
        [sys.executable, "-c", ASSEMBLE], env=env, capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["1", "0"]
