"""What runs by the clock."""

from datetime import timedelta
from typing import Any

from jobs.bulk import ring_for_bulk_runs
from jobs.checks import ring_for_checks
from jobs.imports import ring_for_imports
from jobs.mail_sending import copy_drafts, send_written
from jobs.mailbox import delete_unplaced_messages, ring_for_mailboxes, verify_mailboxes
from jobs.mailings import deliver_due, ring_for_registrations, ring_for_rehearsals
from jobs.people import answer_password_requests
from jobs.portal import (
    answer_portal_requests,
    check_portal_domains,
    forward_documents,
    receive_access_requests,
    tell_how_to_pay,
    tell_staff_of_activity,
    write_to_representatives,
)
from jobs.queue import Job
from jobs.system import seal_audit

TIMETABLE: list[tuple[timedelta, Job[[], Any]]] = [
    (timedelta(seconds=10), seal_audit),
    (timedelta(seconds=30), ring_for_imports),
    (timedelta(seconds=15), ring_for_registrations),
    (timedelta(seconds=15), ring_for_rehearsals),
    (timedelta(seconds=15), ring_for_checks),
    (timedelta(seconds=15), answer_password_requests),
    (timedelta(seconds=15), answer_portal_requests),
    (timedelta(seconds=30), receive_access_requests),
    (timedelta(seconds=15), forward_documents),
    (timedelta(seconds=30), tell_staff_of_activity),
    (timedelta(minutes=1), tell_how_to_pay),
    (timedelta(minutes=5), write_to_representatives),
    (timedelta(seconds=30), ring_for_bulk_runs),
    (timedelta(seconds=15), ring_for_mailboxes),
    (timedelta(seconds=5), send_written),
    (timedelta(seconds=15), copy_drafts),
    (timedelta(days=1), verify_mailboxes),
    (timedelta(days=1), delete_unplaced_messages),
    (timedelta(hours=1), check_portal_domains),
    (timedelta(seconds=15), deliver_due),  # whatever is due; a lost bell loses nothing
]
