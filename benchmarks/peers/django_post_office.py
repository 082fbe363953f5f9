"""django-post_office with the same messages, in PostgreSQL; runs in a virtual environment of its own.

python post_office.py DSN MEDIA PORT prepare MESSAGES BYTES
python post_office.py DSN MEDIA PORT send PROCESSES THREADS      prints messages a second
"""

import multiprocessing
import random
import sys
import time
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command


def configure(dsn: str, media: str, port: str, *, batch: int = 100_000, threads: int = 1) -> None:
    parts = urlsplit(dsn)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.lstrip("/"),
                "USER": unquote(parts.username or ""),
                "PASSWORD": unquote(parts.password or ""),
                "HOST": host,
                "PORT": parts.port or "",
            }
        },
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        EMAIL_BACKEND="post_office.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=int(port),
        MEDIA_ROOT=media,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        POST_OFFICE={
            "BATCH_SIZE": batch,
            "THREADS_PER_PROCESS": threads,
            "DEFAULT_PRIORITY": "medium",
        },
    )
    django.setup()


def prepare(messages: int, size: int) -> None:
    from post_office import mail

    call_command("migrate", verbosity=0)
    chance = random.Random(7)
    for number in range(messages):
        mail.send(
            [f"q{number}@example.com"],
            "billing@example.com",
            subject=f"Documentos FV-{number}",
            message="Hola " * 400,
            html_message="<p>Buenos días</p>" * 300,
            attachments={"FV-1.pdf": ContentFile(chance.randbytes(size))},
        )


def send(processes: int) -> float:
    from django.db import connection
    from post_office.mail import send_queued
    from post_office.models import STATUS, Email, Log

    Log.objects.all().delete()
    Email.objects.update(status=STATUS.queued)
    count = Email.objects.count()
    connection.close()  # its processes are forked and would share it
    began = time.monotonic()
    sent, failed, _requeued = send_queued(processes=processes)
    seconds = time.monotonic() - began
    assert (sent, failed) == (count, 0), (sent, failed, count)
    return count / seconds


def main() -> None:
    dsn, media, port, deed, first, second = sys.argv[1:]
    if deed == "prepare":
        configure(dsn, media, port)
        prepare(int(first), int(second))
    else:
        configure(dsn, media, port, threads=int(second))
        print(send(int(first)))


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main()
