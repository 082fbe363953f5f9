"""Several files as one ZIP, in a file of the disk: memory holds one of them at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from tempfile import TemporaryFile
from typing import BinaryIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

FIRST_DAY = date(1980, 1, 1)  # what the format can say
READABLE_BY_ITS_OWNER = 0o600 << 16


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of the ZIP, with the day that it has there."""

    name: str
    day: date
    content: bytes


def zip_of(files: Iterable[Packed]) -> BinaryIO:
    """A temporary file at its beginning, which is gone when it is closed; what is packed is not made smaller, since PDFs cannot be."""
    target = TemporaryFile()  # noqa: SIM115  # open until it has been sent
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for each in files:
            day = max(each.day, FIRST_DAY)
            entry = ZipInfo(each.name, (day.year, day.month, day.day, 0, 0, 0))
            entry.external_attr = READABLE_BY_ITS_OWNER
            archive.writestr(entry, each.content)
    target.seek(0)
    return target
