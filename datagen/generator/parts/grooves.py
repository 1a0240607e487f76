"""Drum grooves by style."""

from __future__ import annotations

# Sixteen steps a bar: x full, o medium, g ghost.
Groove = tuple[tuple[str, str], ...]
GROOVES: dict[str, tuple[Groove, ...]] = {
    "straight": (
        (("kick", "x.......x.x....."), ("snare", "....x.......x..."), ("hat", "x.o.x.o.x.o.x.o.")),
        (("kick", "x.....x.x......."), ("snare", "....x.......x..g"), ("hat", "x.o.x.o.x.o.x.o.")),
    ),
    "driving": (
        (("kick", "x...x...x.x.x..."), ("snare", "....x.......x..."), ("hat", "x.x.x.x.x.x.x.x.")),
        (("kick", "x.x...x.x.x....."), ("snare", "....x.......x..."), ("ride", "x.o.x.o.x.o.x.o.")),
    ),
    "four": (
        (
            ("kick", "x...x...x...x..."), ("clap", "....x.......x..."), ("open", "..x...x...x...x."),
            ("hat", "o.g.o.g.o.g.o.g."),
        ),
        (("kick", "x...x...x...x..o"), ("snare", "....x.......x..."), ("hat", "ogxgogxgogxgogxg")),
    ),
    "broken": (
        (
            ("kick", "x.....x...x....."), ("snare", "....x.......x..."), ("hat", "x.x.x.x.x.xgx.x."),
            ("shaker", "gogogogogogogogo"),
        ),
        (("kick", "x..x......x..x.."), ("clap", "....x.......x..."), ("hat", "xgogxgogxgogxgog")),
    ),
    "sparse": (
        (("kick", "x.........x....."), ("rim", "....x.......x..."), ("shaker", "o.g.o.g.o.g.o.g.")),
        (("kick", "x.......x......."), ("snare", "........x......."), ("hat", "x...o...x...o...")),
    ),
    "boom": (
        (("kick", "x.......x.x....."), ("snare", "....x.......x..."), ("hat", "x.o.x.o.x.o.x.o.")),
        (("kick", "x..x......x....."), ("snare", "....x..g....x..."), ("hat", "x.o.x.o.x.o.x.og")),
    ),
    "trap": (
        (("kick", "x.....x....x...."), ("clap", "........x......."), ("hat", "x.o.x.o.xooox.oo")),
        (("kick", "x..x......x....."), ("snare", "........x......."), ("hat", "xoooxoxoxoooxoxx")),
    ),
    "folk": (
        (("kick", "x.......x......."), ("snare", "....o.......o..."), ("shaker", "ogogogogogogogog")),
        (("kick", "x...o...x...o..."), ("rim", "....x.......x..."), ("shaker", "o.o.o.o.o.o.o.o.")),
    ),
    "train": (
        (("kick", "x.......x......."), ("snare", "ggxgggxgggxgggxg"), ("hat", "....x.......x...")),
        (("kick", "x...x...x...x..."), ("snare", "g.o.x.o.g.o.x.og"), ("hat", "....o.......o...")),
    ),
    "double": (
        (("kick", "xoxoxoxoxoxoxoxo"), ("snare", "....x.......x..."), ("ride", "x...x...x...x...")),
        (("kick", "x.xox.xox.xox.xo"), ("snare", "....x.......x..."), ("hat", "x.x.x.x.x.x.x.x.")),
    ),
    "onedrop": (
        (("kick", "........x......."), ("rim", "........x......."), ("hat", "x.o.x.o.x.o.x.og")),
        (("kick", "....o...x...o..."), ("rim", "........x..g...."), ("hat", "o.x.o.x.o.x.o.x.")),
    ),
    "ride": (
        (
            ("ride", "x...x.o.x...x.o."), ("kick", "g...g...g...g..."), ("hat", "....x.......x..."),
            ("snare", "..........g....g"),
        ),
        (
            ("ride", "x...x.o.x...x.o."), ("kick", "g...g...g..og..."), ("hat", "....x.......x..."),
            ("snare", "......g.....g..."),
        ),
    ),
    "funk": (
        (("kick", "x..x..x...x....."), ("snare", "....x..g.g..x..g"), ("hat", "xoxoxoxoxoxoxoxo")),
        (("kick", "x.x....x..x..x.."), ("snare", "....x..g....x.g."), ("hat", "x.xox.xox.xox.xo")),
    ),
}  # fmt: skip
HIT_LEVEL = {"x": 1.0, "o": 0.62, "g": 0.28}
