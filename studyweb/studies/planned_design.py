"""What a study file plans, as the planner takes it: how many people, tracks, and trials of the primary pair."""

from __future__ import annotations

from studyweb.stats.planning import Design
from studyweb.studies.models import Item, Study
from studyweb.studies.plan import Plan


def planned_design(plan: Plan, *, tracks: int) -> Design:
    """The design of a plan whose scored items lie on so many tracks. Raises AnswerModelError for one too small."""
    return Design(
        participants=int(plan["recruitment"]["target_participants"]), tracks=tracks, trials_each=primary_trials(plan)
    )


def primary_trials(plan: Plan) -> int:
    """Scored trials of the primary pair that every participant gets."""
    primary = set(plan["analysis"]["primary"]["pair"])
    return sum(int(entry["count"]) for entry in plan["design"]["trials"] if set(entry["pair"]) == primary)


def tracks_of_file(plan: Plan) -> int:
    """Tracks with scored items, as the file has them; a rule may find fewer when the study is made."""
    excerpts = plan["excerpts"]
    if "list" in excerpts:
        return len({entry["track"] for entry in excerpts["list"] if entry.get("role", "scored") == Item.Role.SCORED})
    return int(excerpts["rule"]["tracks"])


def tracks_of_study(study: Study) -> int:
    """Tracks with scored items of a stored study."""
    return study.items.filter(role=Item.Role.SCORED).values("track_id").distinct().count()
