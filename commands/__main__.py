"""`python -m commands ...`: the command line with the application around it."""

import os
import sys
from pathlib import Path

from flask.cli import main

# By its place and not by import: doors do not know the application that holds them.
os.environ["FLASK_APP"] = str(Path(__file__).resolve().parent.parent / "app")
os.environ["FLASK_SKIP_DOTENV"] = "1"
sys.argv[0] = "script/cli"
main()
