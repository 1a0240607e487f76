"""How far an item is from balance, before and after an advice."""

from __future__ import annotations

from datagen.corrections import residual_imbalance_db
from studyweb.studies.models import Advice, Item


def imbalance_left_db(item: Item, advice: Advice | None) -> float:
    """dB RMS of imbalance over an item's audible stems after an advice, or of the problem itself.

    Advice that cannot be read changes nothing. The canonical correction undoes the disturbance up to a common gain,
    which does not count, so its negative stands for it.
    """
    disturbance_db = {stem: -gain_db for stem, gain_db in item.correction.items()}
    changes_db = (advice.changes or {}) if advice else {}
    audible = item.recipe.get("audible") or [stem.stem for stem in item.stems.all()]
    return residual_imbalance_db(disturbance_db, changes_db, audible)
