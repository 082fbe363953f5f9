"""An organization's colour, made readable: as text on white, and as the colours of its pages by day and by night."""

import re
from dataclasses import dataclass

FALLBACK = "#0b5a73"
READABLE_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
PAPER, NIGHT = (246, 247, 248), (27, 35, 41)  # the lightest and darkest grounds that a page has
SURFACE = (21, 27, 32)  # of a card by night
STEP = 0.04

Channels = tuple[int, int, int]
_COLOUR = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BrandColours:
    """Four colours as #rrggbb: of links and buttons, of the same under the pointer, of words on buttons, of soft grounds."""

    brand: str
    strong: str
    words: str
    soft: str


def readable_on_white(colour: str) -> str:
    """The colour as #rrggbb, darkened until it is readable; what is no colour becomes ours."""
    channels = _channels(colour)
    while _contrast(channels, WHITE) < READABLE_CONTRAST:
        red, green, blue = (int(channel * 0.95) for channel in channels)
        channels = red, green, blue
    return _written(channels)


def by_day(colour: str) -> BrandColours:
    """For light pages: dark enough for every ground that it stands on, its own soft one too."""
    return _colours(
        _channels(colour), ground=PAPER, towards=BLACK, soft_on=WHITE, softness=0.9, words=WHITE
    )


def by_night(colour: str) -> BrandColours:
    """For dark pages: light enough."""
    return _colours(
        _channels(colour), ground=NIGHT, towards=WHITE, soft_on=SURFACE, softness=0.82, words=None
    )


def _colours(
    colour: Channels,
    *,
    ground: Channels,
    towards: Channels,
    soft_on: Channels,
    softness: float,
    words: Channels | None,  # none: a dark shade of the colour
) -> BrandColours:
    soft = _mixed(colour, soft_on, softness)
    brand = colour
    while min(_contrast(brand, ground), _contrast(brand, soft)) < READABLE_CONTRAST:
        brand = _mixed(brand, towards, STEP)
    strong = _mixed(brand, towards, 0.25)
    on_it = words if words is not None else _mixed(brand, BLACK, 0.85)
    return BrandColours(*(_written(each) for each in (brand, strong, on_it, soft)))


def _channels(colour: str) -> Channels:
    match = _COLOUR.fullmatch(colour.strip()) or _COLOUR.fullmatch(FALLBACK)
    assert match is not None
    red, green, blue = (int(channel, 16) for channel in match.groups())
    return red, green, blue


def _mixed(colour: Channels, other: Channels, share: float) -> Channels:
    """So much of the other in the colour; towards it by one at least, so that steps end."""
    red, green, blue = (
        one + (round((two - one) * share) or (two > one) - (two < one))
        for one, two in zip(colour, other, strict=True)
    )
    return red, green, blue


def _written(channels: Channels) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _contrast(one: Channels, two: Channels) -> float:
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(channels: Channels) -> float:
    red, green, blue = (_linear(channel / 255) for channel in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
