"""One hash over everything a participant can meet: the file, the items, the advice, the audio."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from studyweb.studies.models import Advice, StemAudio, Study


def frozen_hash(study: Study) -> str:
    """SHA-256 over canonical JSON of the study's content; the same content gives the same hash on any database."""
    text = json.dumps(frozen_content(study), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def frozen_content(study: Study) -> dict[str, Any]:
    """What is frozen when a study opens; ids of rows are left out, public ids stay."""
    return {
        "file_sha256": study.file_sha256,
        "tracks": sorted(study.tracks.values_list("source", "key", "source_sha256")),
        "items": list(
            study.items.order_by("position").values("public_id", "position", "role", "brief", "recipe", "correction")
        ),
        "advices": [
            list(row)
            for row in Advice.objects.filter(item__study=study)
            .order_by("item__position", "system__position")
            .values_list("public_id", "item__public_id", "system__key", "text_sha256", "changes", "trim_db")
        ],
        "stems": [
            list(row)
            for row in StemAudio.objects.filter(item__study=study)
            .order_by("item__position", "position")
            .values_list("item__public_id", "stem", "sha256")
        ],
    }
