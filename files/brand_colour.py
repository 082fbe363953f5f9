"""An organization's colour, made dark enough to be read as text on white."""

import re

FALLBACK = "#0b5a73"
READABLE_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3

_COLOUR = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)


def readable_on_white(colour: str) -> str:
    """The colour as #rrggbb, darkened until it is readable; what is no colour becomes ours."""
    match = _COLOUR.fullmatch(colour.strip()) or _COLOUR.fullmatch(FALLBACK)
    assert match is not None
    channels = [int(channel, 16) for channel in match.groups()]
    while _contrast_with_white(channels) < READABLE_CONTRAST:
        channels = [int(channel * 0.95) for channel in channels]
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _contrast_with_white(channels: list[int]) -> float:
    red, green, blue = (_linear(channel / 255) for channel in channels)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 1.05 / (luminance + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
