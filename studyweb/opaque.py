"""Opaque identifiers: what a browser may see. They hold no order, no meaning and no system."""

from __future__ import annotations

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""No characters that are read as one another."""


def new_public_id() -> str:
    """A random id of 14 characters (about 69 bits), the same shape for everything that has one."""
    return "".join(secrets.choice(ALPHABET) for _ in range(14))
