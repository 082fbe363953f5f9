"""Messages per minute as a line: drawn here, so that no script is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from admin_views.reader_formats import number, zone
from services.mailings.progress import Pace

WIDTH, TOP, FLOOR = 440, 18, 110
FEWEST = 3  # points
NEAR = 3  # times the highest point


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
    limit: str | None  # what the account allows in a minute, if the line comes near
    limit_y: float


def chart_of(paces: Sequence[Pace], *, limit: int | None = None) -> Chart | None:
    """None as long as a line would say nothing. A limit far above the line would only press it to the floor."""
    if len(paces) < FEWEST:
        return None
    peak = max(pace.per_minute for pace in paces) or 1
    is_near = limit is not None and limit <= NEAR * peak
    top = max(peak, limit) if limit is not None and is_near else peak

    def height(per_minute: int) -> float:
        return FLOOR - (FLOOR - TOP) * per_minute / top

    points = [
        (WIDTH * place / (len(paces) - 1), height(pace.per_minute))
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
        limit=number(limit) if limit is not None and is_near else None,
        limit_y=round(height(limit), 1) if limit is not None and is_near else 0.0,
    )


def _time(at: datetime) -> str:
    local = at.astimezone(zone())
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
