"""What a worker does around a job."""

import subprocess
import sys
from pathlib import Path

BEGINS_A_JOB = """
import gc
from rq import Worker
from jobs.worker import LoyalWorker
Worker.main_work_horse = lambda *arguments: print(gc.get_freeze_count())
LoyalWorker.main_work_horse(object.__new__(LoyalWorker))
"""


def test_a_job_does_not_look_for_garbage_in_what_was_there_before(root: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", BEGINS_A_JOB], cwd=root, capture_output=True, check=True, timeout=120
    )

    assert int(said.stdout) > 10_000  # objects
