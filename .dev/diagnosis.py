"""Why an installation failed, in words that say what to do."""

from __future__ import annotations

from pathlib import Path

NETWORK_TRACES = (
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "NameResolutionError",
    "Temporary failure in name resolution",
    "Network is unreachable",
    "Connection refused",
    "RemoteDisconnected",
    "ConnectionResetError",
)
"""What pip prints when it reaches no index."""

CAUSES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("No space left on device", "Errno 28", "Disk quota exceeded"),
        "The disk is full, or the folder for temporary files: set TMPDIR to a larger one.",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED", "SSLError", "SSLCertVerificationError"),
        "The package index's certificate was not accepted. Behind a proxy with a certificate of its own, set "
        "PIP_CERT to its CA file.",
    ),
    (
        ("407 Proxy", "ProxyError"),
        "The proxy refused the connection. Set HTTPS_PROXY (and its user and password) as your network asks.",
    ),
    (
        NETWORK_TRACES,
        "The package index could not be reached: the first start needs the network, later ones do not.\n"
        "Connect and run the same command again: it goes on where it stopped. With an index of your own, set "
        "PIP_INDEX_URL; with a folder of wheels, PIP_NO_INDEX=1 and PIP_FIND_LINKS.",
    ),
    (
        ("No matching distribution found", "ResolutionImpossible", "Requires-Python"),
        "The package index has no version that fits this Python and this system.",
    ),
)
"""(Traces in pip's output, what they mean), the first that is found counts."""


def network_is_at_fault(output: str) -> bool:
    """Whether pip's output speaks of an index that could not be reached."""
    return any(trace in output for trace in NETWORK_TRACES)


def explain_failure(output: str, *, log: Path) -> str:
    """The message for pip's output of a failed installation."""
    attempt = output.rpartition("\n$ ")[2]
    cause = next((text for traces, text in CAUSES if any(trace in attempt for trace in traces)), "")
    errors = [line.strip() for line in attempt.splitlines() if line.startswith("ERROR:")]
    last_words = errors[-1] if errors else attempt.strip().splitlines()[-1]
    return "\n".join(
        part for part in (f"Installing failed. {cause}".strip(), f"pip: {last_words}", f"All of it: {log}") if part
    )
