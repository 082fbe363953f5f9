"""Messages per minute as a line: drawn here, so that no script is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from admin_views.reader_formats import number, zone
from services.mailings.progress import Pace

WIDTH, TOP, FLOOR = 440, 18, 110
FEWEST = 3  # points


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


def chart_of(paces: Sequence[Pace]) -> Chart | None:
    """None as long as a line would say nothing."""
    if len(paces) < FEWEST:
        return None
    peak = max(pace.per_minute for pace in paces) or 1
    points = [
        (WIDTH * place / (len(paces) - 1), FLOOR - (FLOOR - TOP) * pace.per_minute / peak)
        for place, pace in enumerate(paces)
    ]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    times = [_time(pace.at) for pace in paces]
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
        last=times[-1],
        rows=[(time, number(each.per_minute)) for time, each in zip(times, paces, strict=True)],
    )


def _time(at: datetime) -> str:
    local = at.astimezone(zone())
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
