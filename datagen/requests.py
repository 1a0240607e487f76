"""What the web asks of a worker and gets back, as plain data: the one vocabulary both sides share.

Everything here survives a JSON round trip (`to_json`, `from_json`), so that a request can be stored in a job row,
packed into a folder for a cluster without a network, or replayed in a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Progress = Callable[[float, str], None]
"""Called with the share done (0..1) and a short message; raises when the job was taken away."""


@dataclass(frozen=True)
class TrackRef:
    """Where a track's stems are read from."""

    source: str
    """`procedural`, `musdb18` or `musdb18_hq`: a module of datagen.sources."""
    key: str
    """The track's name inside its source, for example `study-0003` or `The Easton Ellises - Falcon 69`."""
    root: str = ""
    """The folder or file the source reads; empty for the procedural songs."""


@dataclass(frozen=True)
class ExcerptRef:
    """A window of a track; positions are at the track's own sample rate."""

    track: TrackRef
    start_samples: int
    length_samples: int
    sample_rate: int


@dataclass(frozen=True)
class AdviceRequest:
    """One advice to generate: what the system is and what it is shown."""

    item_id: str
    excerpt: ExcerptRef
    disturbance_db: dict[str, float]
    """{stem: gain_db} that made the problem from the balanced excerpt."""
    problem_level_db: float
    """Common level of the problem set, dB."""
    reference_level_db: float
    """Common level of the reference set, dB, drawn independently of the problem's."""
    reference_excerpt: ExcerptRef | None
    """Where the reference comes from; None for reference kind `none`."""
    reference_gains_db: dict[str, float]
    """Balance of the reference around its own stems (a previous version may differ); usually empty."""
    system: dict[str, Any]
    """The study file's system entry: key, kind, adapter, trained_on, shown, reference_kind, register, decoding."""
    brief: str = ""
    seed: int = 0


@dataclass(frozen=True)
class AdviceResult:
    """One advice, with what was read from it."""

    text: str
    """What a producer sees; never mentions a reference."""
    finding: str
    """May mention the reference; for researchers."""
    changes_db: dict[str, float] | None
    """Gain changes read from the text (empty: nothing to change), or None when it is not actionable."""
    not_actionable: str
    """Why no gain changes could be read; empty otherwise."""
    provenance: dict[str, Any]
    """base_sha256, adapter_sha256, prompt_version, prompt_sha256, decoding, tokens, versions, seconds."""


@dataclass(frozen=True)
class StimulusRequest:
    """The audio of one item: stems that carry the disturbance, and levels of every condition."""

    item_id: str
    excerpt: ExcerptRef
    disturbance_db: dict[str, float]
    conditions_db: dict[str, dict[str, float]]
    """{condition id: {stem: gain_db}}; `problem` (no gains) is always measured too."""
    folder: str
    """Where the FLAC files are written; file names are opaque."""


@dataclass(frozen=True)
class StemFile:
    """One FLAC file of a stimulus."""

    stem: str
    file_name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class ConditionLevel:
    """Level of one condition as played."""

    loudness_lufs: float | None
    """Integrated loudness of the condition at trim 0, None when not measurable."""
    true_peak_dbtp: float
    """True peak at trim 0."""
    trim_db: float
    """Gain that matches this condition to the problem, 0 for the problem itself and where not measurable."""


@dataclass(frozen=True)
class StimulusResult:
    """What a stimulus job leaves behind."""

    sample_rate: int
    frames: int
    attenuation_db: float
    """Common gain baked into every stem so that no condition passes -1 dBTP (<= 0)."""
    stems: tuple[StemFile, ...]
    conditions: dict[str, ConditionLevel]
    waveform: tuple[int, ...]
    """Peaks of the problem's mix for drawing, 0..255, one per column."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Loudness and share of every stem, for researchers."""


def to_json(value: Any) -> dict[str, Any]:
    """A dataclass of this module as plain JSON data."""
    return asdict(value)


def excerpt_from_json(data: dict[str, Any]) -> ExcerptRef:
    """The inverse of to_json for an ExcerptRef."""
    return ExcerptRef(**{**data, "track": TrackRef(**data["track"])})


def advice_request_from_json(data: dict[str, Any]) -> AdviceRequest:
    """The inverse of to_json for an AdviceRequest."""
    reference = data["reference_excerpt"]
    return AdviceRequest(
        **{
            **data,
            "excerpt": excerpt_from_json(data["excerpt"]),
            "reference_excerpt": excerpt_from_json(reference) if reference else None,
        }
    )


def stimulus_request_from_json(data: dict[str, Any]) -> StimulusRequest:
    """The inverse of to_json for a StimulusRequest."""
    return StimulusRequest(**{**data, "excerpt": excerpt_from_json(data["excerpt"])})
