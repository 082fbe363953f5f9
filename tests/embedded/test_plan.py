"""What runs on one machine."""

from embedded.plan import product_plan
from jobs.queue import QUEUES


def test_mailboxes_whose_servers_hang_keep_no_mail_waiting() -> None:
    """One worker never reads mailboxes, one does nothing else; together they take every job."""
    takes = [
        set(program.argv[program.argv.index("worker") + 1 :]) or set(QUEUES)
        for program in product_plan().programs
        if "worker" in program.argv
    ]

    assert set(QUEUES) - {"mailbox"} in takes
    assert {"mailbox"} in takes
    assert QUEUES[-1] == "mailbox"
