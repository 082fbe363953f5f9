"""Gunicorn assembles the product once and then forks: nothing may be open by then."""

import threading

from app import create_app
from models.base import db


def test_assembled_product_holds_no_thread_and_no_connection(settings):
    before = threading.active_count()

    app = create_app(settings)

    assert threading.active_count() == before
    with app.app_context():
        assert {
            name: engine.pool.checkedin() for name, engine in db.engines.items()
        } == dict.fromkeys(db.engines, 0)
        assert [engine.pool.checkedout() for engine in db.engines.values()] == [0] * len(db.engines)
