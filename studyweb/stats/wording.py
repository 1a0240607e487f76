"""Results in plain words. A sentence always says what was asked, of whom, and how sure one can be."""

from __future__ import annotations

from studyweb.stats.preference import PreferenceEstimate


def preference_sentence(estimate: PreferenceEstimate, *, first: str, second: str) -> str:
    """One sentence for a preference estimate; never claims more than the interval holds."""
    counts = (
        f"{estimate.n_answers} answers of {estimate.n_participants} participants on {estimate.n_tracks} "
        f"{'track' if estimate.n_tracks == 1 else 'tracks'}"
    )
    if estimate.rate is None:
        return f"Nobody has compared {first} with {second} yet."
    rate = f"{100 * estimate.rate:.0f} %"
    if estimate.interval is None:
        why = "; ".join(estimate.notes)
        return f"{first} was preferred over {second} in {rate} of {counts}, ties counted as half; {why}."
    low, high = 100 * estimate.interval.low, 100 * estimate.interval.high
    span = f"{100 * estimate.interval.level:.0f} % interval {low:.0f} to {high:.0f} %"
    lead = "Indicative only: " if estimate.label == "indicative" else ""
    verdict = _verdict(estimate.interval.low, estimate.interval.high, first=first, second=second)
    return f"{lead}{first} was preferred over {second} in {rate} of {counts}, ties counted as half ({span}). {verdict}"


def _verdict(low: float, high: float, *, first: str, second: str) -> str:
    if low > 0.5:
        return f"Producers like these would prefer {first} on songs like these."
    if high < 0.5:
        return f"Producers like these would prefer {second} on songs like these."
    return "Which one producers would prefer stays open: the interval holds one half."
