from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FONT_FOLDERS = (ROOT / "static" / "dist" / "fonts", ROOT / "node_modules/@expo-google-fonts/inter")


@pytest.fixture(scope="session")
def font_folders() -> tuple[Path, ...]:
    """Where the front-end build leaves Inter; the built-in font serves where it never ran."""
    return tuple(folder for folder in FONT_FOLDERS if folder.is_dir())
