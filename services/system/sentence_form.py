"""A sentence with places to fill in, found again once it is filled in and written down."""

import re
from dataclasses import dataclass

PLACE = re.compile(r"%\((\w+)\)[sd]")


@dataclass(frozen=True)
class SentenceForm:
    """What it says of its own, in pieces, and the names of the places between them."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, sentence: str) -> "SentenceForm":
        """The form of a sentence as it stands in the code or in a catalogue."""
        parts = PLACE.split(sentence)
        pieces = tuple(piece.replace("%%", "%") for piece in parts[::2])
        return cls(pieces, tuple(parts[1::2]))

    def match(self, said: str) -> dict[str, str] | None:
        """What stands in the places, if this is what was said."""
        if not all(piece in said for piece in self.pieces):
            return None
        pattern = re.escape(self.pieces[0])
        for place, (name, piece) in enumerate(zip(self.names, self.pieces[1:], strict=True)):
            is_again = name in self.names[:place]
            pattern += f"(?P={name})" if is_again else f"(?P<{name}>.+?)"
            pattern += re.escape(piece)
        found = re.fullmatch(pattern, said, re.DOTALL)
        return found.groupdict() if found else None


def filled(sentence: str, values: dict[str, str]) -> str:
    """The sentence with these values; a place without one stays as it is."""
    return PLACE.sub(lambda place: values.get(place[1], place[0]), sentence).replace("%%", "%")
