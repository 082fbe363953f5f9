"""Messages per minute as a line: drawn here, so that no script is needed."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from admin_views.reader_formats import number, zone
from services.mailings.progress import Minute

WIDTH, TOP, FLOOR = 440, 18, 110


@dataclass(frozen=True)
class Chart:
    """A path for the line, one for the area below it, and the same figures as text."""

    line: str
    area: str
    label: str
    peak: str
    first: str
    last: str
    rows: Sequence[tuple[str, str]]  # time, messages


def chart_of(minutes: Sequence[Minute]) -> Chart | None:
    """None before anything has left."""
    if not minutes:
        return None
    peak = max(minute.count for minute in minutes) or 1
    points = [
        (_across(place, len(minutes)), FLOOR - (FLOOR - TOP) * minute.count / peak)
        for place, minute in enumerate(minutes)
    ]
    if len(points) == 1:
        points.append((float(WIDTH), points[0][1]))
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    times = [f"{minute.at.astimezone(zone()):%H:%M}" for minute in minutes]
    return Chart(
        line=f"M{line}",
        area=f"M{points[0][0]:.1f} {FLOOR}L{line}L{points[-1][0]:.1f} {FLOOR}Z",
        label=_(
            "From %(first)s to %(last)s; at most %(peak)s messages a minute",
            first=times[0],
            last=times[-1],
            peak=number(peak),
        ),
        peak=number(peak),
        first=times[0],
        last=times[-1] if len(times) > 1 else "",
        rows=[(time, number(each.count)) for time, each in zip(times, minutes, strict=True)],
    )


def _across(place: int, count: int) -> float:
    return WIDTH * place / (count - 1) if count > 1 else 0.0
