"""A logo as mail programs show it: in pixels, and small."""

import typst

from files.errors import N_, UnusableDocument
from files.logo import logo_as_svg

MOST_BYTES = 60_000  # goes along with every message
PIXELS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
PAGE = b"""#set page(width: auto, height: auto, margin: 0pt, fill: none)
#image(bytes(sys.inputs.logo), format: "svg", height: 80pt)"""
RESOLUTIONS = (
    144,
    96,
    72,
)  # of 80 points: 160 pixels high, for screens that show 80 of them; then less


def logo_in_pixels(picture: bytes) -> bytes:
    """The picture as it is if it is small and of pixels; else drawn as a PNG. Raises UnusableDocument."""
    if picture.startswith(PIXELS) and len(picture) <= MOST_BYTES:
        return picture
    svg = logo_as_svg(picture)
    drawn = b""
    for resolution in RESOLUTIONS:
        try:
            drawn = typst.compile(
                PAGE,
                format="png",
                ppi=resolution,
                sys_inputs={"logo": svg},
                ignore_system_fonts=True,
            )
        except typst.TypstError as error:
            raise UnusableDocument(N_("The logo cannot be drawn; it may be damaged.")) from error
        if len(drawn) <= MOST_BYTES:
            return drawn
    raise UnusableDocument(N_("The logo has too many details for e-mails."))
