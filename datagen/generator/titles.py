"""Invented song titles."""

from __future__ import annotations

import numpy as np

from datagen.generator.keys import pick

_FIRST = (
    "Paper", "Slow", "Silver", "Borrowed", "Quiet", "Northern", "Electric", "Amber", "Hollow", "Early", "Velvet",
    "Broken", "Distant", "Copper", "Wild", "Second", "Golden", "Winter", "Painted", "Open", "Midnight", "Salt",
    "Marble", "Restless", "Faded", "Saffron", "Summer", "Crooked", "Glass", "Lantern",
)  # fmt: skip
_SECOND = (
    "Harbour", "Ferry", "Orchard", "Signals", "Windows", "Garden", "Letters", "Avenue", "Tides", "Engine", "Sparrow",
    "Station", "Mirrors", "Cinema", "Rivers", "Weather", "Parade", "Kitchen", "Satellite", "Meadow", "Stairs", "Coast",
    "Carousel", "Arcade", "Bridges", "Thunder", "Postcards", "Fireflies", "Horizon", "Balcony",
)  # fmt: skip
_PATTERNS = (
    "{first} {second}",
    "{first} {second}",
    "The {first} {second}",
    "{second} at Dawn",
    "Back to the {second}",
    "{first} {second}, Again",
    "No More {second}",
    "Under {first} {second}",
)


def draw_title(rng: np.random.Generator) -> str:
    """A title from the random stream."""
    return pick(rng, _PATTERNS).format(first=pick(rng, _FIRST), second=pick(rng, _SECOND))
