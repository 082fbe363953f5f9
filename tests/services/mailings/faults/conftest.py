from collections.abc import Iterator
from pathlib import Path

import pytest

from models.people.organization import Organization
from settings import Settings
from tests.admin_views.conftest import sign_in
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.ready_python import ReadyPython
from tests.services.mailings.faults.laboratory import Laboratory

__all__ = ["sign_in"]


@pytest.fixture
def lab(
    organization: Organization, settings: Settings, tmp_path: Path, ready_python: ReadyPython
) -> Iterator[Laboratory]:
    laboratory = Laboratory(settings, tmp_path, ready_python)
    yield laboratory
    laboratory.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))
