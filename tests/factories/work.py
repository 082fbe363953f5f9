"""Projects, tasks and hours."""

import itertools
from datetime import date
from typing import Any

from models.people.customer import Customer
from models.work.project import Project, Task
from models.work.time_entry import TimeEntry
from tests.factories.people import make_customer
from tests.factories.saving import saved

numbers = itertools.count(1)


def make_project(customer: Customer | None = None, **fields: Any) -> Project:
    values = {
        "code": f"P-{next(numbers)}",
        "name": "Shelves of the store",
        "customer_id": (customer or make_customer()).id,
        **fields,
    }
    project: Project = saved(Project(**values))
    return project


def make_task(project: Project, **fields: Any) -> Task:
    values = {"name": "Measure", "project_id": project.id, "customer_id": project.customer_id}
    task: Task = saved(Task(**{**values, **fields}))
    return task


def make_entry(task: Task, **fields: Any) -> TimeEntry:
    values = {
        "task_id": task.id,
        "project_id": task.project_id,
        "customer_id": task.customer_id,
        "worked_on": date(2026, 8, 20),
        "minutes": 90,
        "description": "On site",
    }
    entry: TimeEntry = saved(TimeEntry(**{**values, **fields}))
    return entry
