"""Opaque identifiers: what a browser may see. They hold no order, no meaning and no system."""

from __future__ import annotations

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""No characters that are read as one another."""


def new_public_id() -> str:
    """A random id of 14 characters (about 68 bits), the same shape for everything that has one.

    It starts with a letter, so that no spreadsheet or data frame takes an id for a number.
    """
    return secrets.choice(ALPHABET[8:]) + "".join(secrets.choice(ALPHABET) for _ in range(13))
