"""Django's admin on our table, in a process of its own: reads an address a line, answers with milliseconds.

Run by the Python of a virtual environment that has Django; imports nothing of ours. Its best settings: the page joins
the customer, the search uses the trigram index, the order has an index that begins with organization and kind.
"""

import json
import os
import sys
import time
from typing import Any

import django
from django.conf import settings


def configure(database: dict[str, str], sqlite: str) -> None:
    """Two databases: ours, and one for Django's own users and sessions."""
    settings.configure(
        DEBUG=False,
        SECRET_KEY="benchmark",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sqlite},
            "ours": {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None, **database},
        },
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def make_admin(organization_id: int) -> None:
    """The list of invoices with the same columns, filter, search and order as ours."""
    from django.contrib import admin
    from django.db import models
    from django.urls import path

    class Customer(models.Model):
        name = models.TextField()

        class Meta:
            app_label = "auth"  # an application that is there already
            managed = False
            db_table = "customer"

        def __str__(self) -> str:
            return self.name

    class Invoice(models.Model):
        organization_id = models.BigIntegerField()
        kind = models.TextField()
        label = models.TextField()
        customer = models.ForeignKey(Customer, models.DO_NOTHING)
        issue_date = models.DateField()
        due_date = models.DateField()
        state = models.TextField(choices=[(s, s) for s in ("draft", "posted", "paid", "void")])
        currency = models.TextField()
        total = models.DecimalField(max_digits=18, decimal_places=4)
        balance_due = models.DecimalField(max_digits=18, decimal_places=4)
        search_text = models.TextField()

        class Meta:
            app_label = "auth"  # an application that is there already
            managed = False
            db_table = "document"

    @admin.register(Invoice)
    class InvoiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
        list_display = (
            "label",
            "customer",
            "issue_date",
            "due_date",
            "state",
            "total",
            "balance_due",
        )
        list_filter = ("state",)
        search_fields = ("search_text__contains",)
        list_select_related = ("customer",)
        list_per_page = 50
        ordering = ("-issue_date", "-id")

        def get_queryset(self, request: Any) -> Any:
            rows = super().get_queryset(request).using("ours")
            return rows.filter(organization_id=organization_id, kind="invoice")

    globals()["urlpatterns"] = [path("admin/", admin.site.urls)]


def main() -> None:
    given = json.loads(sys.argv[1])
    configure(given["database"], given["sqlite"])
    make_admin(given["organization_id"])
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    user = User.objects.create_superuser("admin", "admin@example.com", "admin")
    client = Client()
    client.force_login(user)
    print(json.dumps({"django": django.get_version()}), flush=True)
    for line in sys.stdin:
        begin = time.perf_counter()
        answer = client.get(line.strip())
        taken = (time.perf_counter() - begin) * 1000
        found = answer.content.count(b'class="field-label"')
        print(json.dumps({"ms": taken, "status": answer.status_code, "rows": found}), flush=True)


if __name__ == "__main__":
    os.environ.setdefault("PGTZ", "UTC")
    main()
