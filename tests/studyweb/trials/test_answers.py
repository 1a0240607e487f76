"""Answers: acknowledged once, revised in order, refused with what is stored, completed by the server's count."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyweb.studies.models import Study
from studyweb.trials.answers import AnswerConflictError, current_revisions, store_answers
from studyweb.trials.chain import verify_chain
from studyweb.trials.models import Answer, Participant, Trial
from studyweb.trials.session import StudyNotOpenError, join_study
from studyweb.trials.submissions import BadSubmissionError, read_submission
from tests.factories import hear_answers, make_study, post, read_answers, submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(db: None) -> Trial:
    study = make_study(audio=False, items=6, design={"practice": 0, "ask_first_choice_share": 1.0})
    return join_study(study, token="one", consents={"take_part": True}, recruiter={}).participant.trials.get(position=1)


def test_the_same_answer_sent_again_gets_the_first_receipt(trial: Trial) -> None:
    answers = submission(*read_answers(trial), step="read")
    first, again = store_answers(trial, answers), store_answers(trial, answers)
    assert first.receipts == again.receipts
    assert Answer.objects.filter(trial=trial).count() == len(first.receipts)


def test_the_same_uuid_with_other_content_is_a_conflict(trial: Trial) -> None:
    known = post("first_choice", "a_clearly")
    store_answers(trial, submission(known))
    with pytest.raises(AnswerConflictError, match="id is taken"):
        store_answers(trial, submission({**known, "value": "b_clearly"}))


def test_a_second_answer_must_name_the_revision_after_the_stored_one(trial: Trial) -> None:
    store_answers(trial, submission(*read_answers(trial), step="read"))
    store_answers(trial, submission(*hear_answers(trial)))
    for revision in (1, 3):
        with pytest.raises(AnswerConflictError, match="the next is 2"):
            store_answers(trial, submission(post("final_choice", "b_clearly", revision=revision)))
    store_answers(trial, submission(post("final_choice", "b_clearly", revision=2)))
    assert current_revisions(trial)["final_choice"].value == "b_clearly"
    assert Answer.objects.filter(trial=trial, step="final_choice").count() == 2


def test_a_first_answer_is_revision_one(trial: Trial) -> None:
    with pytest.raises(AnswerConflictError, match="nothing is stored yet"):
        store_answers(trial, submission(post("first_choice", "a_clearly", revision=2)))


def test_one_conflict_keeps_the_whole_post_out(trial: Trial) -> None:
    store_answers(trial, submission(post("first_choice", "a_clearly")))
    others = [each for each in read_answers(trial) if each["step"] != "first_choice"]
    with pytest.raises(AnswerConflictError):
        store_answers(trial, submission(*others, post("first_choice", "b_clearly")))
    assert Answer.objects.filter(trial=trial).count() == 1
    assert verify_chain(trial.participant) == []


def test_reading_answers_are_locked_once_the_gains_may_be_known(trial: Trial) -> None:
    stored = store_answers(trial, submission(*read_answers(trial), step="read"))
    assert stored.current_step == "hear"
    with pytest.raises(AnswerConflictError, match="this step is over"):
        store_answers(trial, submission(post("first_choice", "b_clearly", revision=2)))


def test_a_reading_step_without_questions_is_over_when_the_page_says_so() -> None:
    study = make_study(
        audio=False,
        items=6,
        design={"practice": 0, "repeats": 0, "checks": [], "ask_first_choice_share": 0.0, "ask_scales_share": 0.0},
    )
    trial = join_study(study, token="x", consents={"take_part": True}, recruiter={}).participant.trials.get(position=1)
    assert store_answers(trial, submission()).current_step == "read"
    assert store_answers(trial, submission(step="read")).current_step == "hear"


def test_a_trial_is_completed_with_its_last_required_answer_and_a_late_comment_is_still_taken(trial: Trial) -> None:
    store_answers(trial, submission(*read_answers(trial), step="read"))
    assert store_answers(trial, submission(*hear_answers(trial), step="hear")).current_step == "done"
    completed_at = Trial.objects.get(pk=trial.pk).completed_at
    assert completed_at is not None
    store_answers(trial, submission(post("comment", "The bass & the kick <fight>")))
    assert current_revisions(trial)["comment"].value == "The bass & the kick <fight>"
    assert Trial.objects.get(pk=trial.pk).completed_at == completed_at


def test_a_completed_session_takes_nothing_more(trial: Trial) -> None:
    store_answers(trial, submission(*read_answers(trial), step="read"))
    store_answers(trial, submission(*hear_answers(trial), step="hear"))
    Participant.objects.filter(pk=trial.participant_id).update(state=Participant.State.COMPLETED)
    with pytest.raises(AnswerConflictError, match="this step is over"):
        store_answers(trial, submission(post("comment", "too late")))


@pytest.mark.parametrize("with_reading", [False, True])
def test_nothing_about_hearing_is_taken_before_the_reading_step_is_stored(trial: Trial, with_reading: bool) -> None:
    reading = read_answers(trial) if with_reading else []
    with pytest.raises(BadSubmissionError, match="final_choice: first the reading step has to be stored"):
        store_answers(trial, submission(*reading, *hear_answers(trial), step="hear"))
    assert not Answer.objects.filter(trial=trial).exists()
    store_answers(trial, submission(*read_answers(trial), step="read"))
    assert store_answers(trial, submission(*hear_answers(trial), step="hear")).current_step == "done"


def test_no_preference_needs_its_reason(trial: Trial) -> None:
    store_answers(trial, submission(*read_answers(trial), step="read"))
    others = [each for each in hear_answers(trial) if each["step"] != "final_choice"]
    assert store_answers(trial, submission(post("final_choice", "no_preference"), *others)).current_step == "hear"
    assert store_answers(trial, submission(post("no_preference_reason", "no_difference"))).current_step == "done"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (post("final_choice", "left"), "must be one of a_clearly"),
        (post("keep.C", "yes"), "does not ask it"),
        (post("no_preference_reason", "no_difference"), "asked only when final_choice is no_preference"),
    ],
)
def test_what_was_not_asked_is_refused_and_nothing_stored(trial: Trial, answer: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadSubmissionError, match=problem):
        store_answers(trial, submission(post("first_choice", "a_clearly"), answer))
    assert not Answer.objects.filter(trial=trial).exists()


def test_every_problem_of_a_post_is_told_at_once() -> None:
    broken = [{"client_uuid": "x", "step": "", "revision": 0, "value": 3}, "nothing", post("a", "b")]
    with pytest.raises(BadSubmissionError) as error:
        read_submission({"answers": broken, "context": []})
    assert len(error.value.problems) == 6


def test_a_closed_study_takes_no_new_answer_but_repeats_old_receipts(trial: Trial) -> None:
    known = submission(post("first_choice", "a_clearly"))
    receipt = store_answers(trial, known).receipts
    Study.objects.filter(pk=trial.participant.study_id).update(state=Study.State.CLOSED)
    with pytest.raises(StudyNotOpenError):
        store_answers(trial, submission(*hear_answers(trial)))
    assert store_answers(trial, known).receipts == receipt


def test_an_answer_carries_what_it_was_given_under(trial: Trial) -> None:
    heard = {"problem": 3.25, "A": 0.0}
    store_answers(trial, submission(*read_answers(trial), step="read", heard_s=heard, gate_met=True, position=99))
    context = Answer.objects.filter(trial=trial)[0].context
    assert context["heard_s"] == heard
    assert context["gate_met"] is True
    assert context["position"] == trial.position
    assert context["study_sha256"] == trial.participant.study.file_sha256
    assert context["advice_sha256"] == {"A": trial.advice_a.text_sha256, "B": trial.advice_b.text_sha256}
    assert context["gains_db"] == {"A": trial.advice_a.changes, "B": trial.advice_b.changes}


CHOICES = ["a_clearly", "a_slightly", "b_slightly", "b_clearly"]
POSTS = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(["final_choice", "comment"]), st.integers(1, 4), st.sampled_from(CHOICES)
    ),
    max_size=14,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(POSTS)
def test_whatever_is_posted_in_any_order_revisions_have_no_gap_and_acknowledged_answers_stay(
    trial: Trial, posts: list[tuple[int, str, int, str]]
) -> None:
    Answer.objects.filter(trial=trial).delete()
    Trial.objects.filter(pk=trial.pk).update(read_at=timezone.now())
    type(trial.participant).objects.filter(pk=trial.participant_id).update(chain_head="")
    names = [uuid.uuid4() for _ in range(4)]
    acknowledged: dict[str, str] = {}
    for name, step, revision, value in posts:
        try:
            stored = store_answers(
                trial, submission(post(step, value, revision=revision, client_uuid=str(names[name])))
            )
        except AnswerConflictError:
            continue
        receipt = stored.receipts[0]
        assert acknowledged.setdefault(str(receipt.client_uuid), receipt.hash) == receipt.hash
    rows = list(Answer.objects.filter(trial=trial))
    assert {str(row.client_uuid): row.hash for row in rows} == acknowledged
    for step in ("final_choice", "comment"):
        revisions = [row.revision for row in rows if row.step == step]
        assert revisions == list(range(1, len(revisions) + 1))
    assert verify_chain(trial.participant) == []
