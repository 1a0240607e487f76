"""A stimulus: what lies on disk, what is reported, and that nothing tells the answer."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from datagen.requests import ExcerptRef, StimulusRequest, StimulusResult, TrackRef, to_json
from datagen.sources import SourceError
from datagen.stimuli import StimulusError, make_stimulus, problem_stems, waveform_columns
from tests.datagen.making_stems import RATE, Audio, four_stems, noise, write_song_wavs

SONG = "Triviul - Angelsaint"
STEMS = ("drums", "bass", "other", "vocals")


@pytest.fixture
def request_(tmp_path: Path) -> StimulusRequest:
    """Three seconds of a song with the vocals too quiet, and two pieces of advice."""
    write_song_wavs(tmp_path / "songs" / SONG, four_stems(seconds=4.0))
    return StimulusRequest(
        item_id="item-7",
        excerpt=ExcerptRef(TrackRef("musdb18_hq", SONG, str(tmp_path / "songs")), RATE // 2, 3 * RATE, RATE),
        disturbance_db={"vocals": -6.0},
        conditions_db={"a": {"vocals": 6.0}, "b": {"drums": 12.0, "bass": -3.5}},
        folder=str(tmp_path / "media" / "stimulus"),
    )


def make(request: StimulusRequest) -> StimulusResult:
    return make_stimulus(request, lambda share, message: None)


def written(request: StimulusRequest, result: StimulusResult) -> Audio:
    files = [soundfile.read(Path(request.folder) / stem.file_name, dtype="float32")[0].T for stem in result.stems]
    return np.stack(files)


def test_stems_carry_the_disturbance_fades_and_attenuation_at_the_tracks_rate(request_: StimulusRequest) -> None:
    result = make(request_)
    assert (result.sample_rate, result.frames) == (RATE, 3 * RATE)
    assert tuple(stem.stem for stem in result.stems) == STEMS
    balanced, _ = soundfile.read(Path(request_.excerpt.track.root) / SONG / "vocals.wav", dtype="float32")
    expected = balanced[RATE // 2 : RATE // 2 + 3 * RATE].T * 10 ** ((result.attenuation_db - 6.0) / 20)
    vocals = written(request_, result)[3]
    np.testing.assert_allclose(vocals[:, 500:-500], expected[:, 500:-500], atol=2**-23)
    assert np.abs(vocals[:, [0, -1]]).max() < 1e-4


def test_files_are_24_bit_stereo_flac_of_equal_length_without_tags(request_: StimulusRequest) -> None:
    result = make(request_)
    for stem in result.stems:
        path = Path(request_.folder) / stem.file_name
        info = soundfile.info(path)
        assert (info.format, info.subtype, info.channels, info.frames) == ("FLAC", "PCM_24", 2, 3 * RATE)
        with soundfile.SoundFile(path) as file:
            assert file.copy_metadata() == {}


def test_files_are_described_as_they_are(request_: StimulusRequest) -> None:
    for stem in make(request_).stems:
        content = (Path(request_.folder) / stem.file_name).read_bytes()
        assert (stem.bytes, stem.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_file_names_and_bytes_tell_neither_item_nor_stem_nor_song(request_: StimulusRequest) -> None:
    names = [stem.file_name for stem in make(request_).stems]
    assert sorted(path.name for path in Path(request_.folder).iterdir()) == sorted(names)
    everything = " ".join(names) + "".join(
        (Path(request_.folder) / name).read_bytes()[:400].decode("latin-1") for name in names
    )
    for secret in (*STEMS, "item-7", "Triviul", "problem"):
        assert secret.lower() not in everything.lower()


def test_a_second_run_gives_the_same_audio_under_other_names_and_keeps_the_first(request_: StimulusRequest) -> None:
    first, second = make(request_), make(request_)
    assert [stem.sha256 for stem in first.stems] == [stem.sha256 for stem in second.stems]
    assert not {stem.file_name for stem in first.stems} & {stem.file_name for stem in second.stems}
    np.testing.assert_array_equal(written(request_, first), written(request_, second))
    assert first.conditions == second.conditions


def test_every_condition_and_the_problem_are_measured(request_: StimulusRequest) -> None:
    conditions = make(request_).conditions
    assert set(conditions) == {"problem", "a", "b"}
    assert conditions["problem"].trim_db == 0.0
    assert conditions["b"].trim_db < 0.0


def test_the_result_is_plain_json(request_: StimulusRequest) -> None:
    data = json.loads(json.dumps(to_json(make(request_)), allow_nan=False))
    assert data["facts"]["audible"] == list(STEMS)
    assert data["facts"]["residual_lu"] <= 0.01


def test_progress_rises_from_nothing_to_all(request_: StimulusRequest) -> None:
    shares: list[float] = []
    make_stimulus(request_, lambda share, message: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_a_job_that_is_taken_away_leaves_no_files(request_: StimulusRequest) -> None:
    def taken_away(share: float, message: str) -> None:
        if share > 0.55:
            raise InterruptedError("another worker has this job")

    with pytest.raises(InterruptedError):
        make_stimulus(request_, taken_away)
    assert list(Path(request_.folder).iterdir()) == []


def test_all_wrong_gains_are_named_at_once(request_: StimulusRequest) -> None:
    wrong = StimulusRequest(
        **{
            **request_.__dict__,
            "disturbance_db": {"vox": 3.0},
            "conditions_db": {"a": {"vocals": 60.0}, "b": {"drums": float("nan")}, "problem": {"bass": 1.0}},
        }
    )
    with pytest.raises(StimulusError) as caught:
        make(wrong)
    for part in ("unknown stem 'vox'", "vocals by 60.0 dB", "drums by nan dB", "condition problem"):
        assert part in str(caught.value)
    assert not Path(request_.folder).exists()


def test_an_excerpt_past_the_end_changes_nothing(request_: StimulusRequest) -> None:
    excerpt = ExcerptRef(request_.excerpt.track, 10**9, RATE, RATE)
    with pytest.raises(SourceError):
        make(StimulusRequest(**{**request_.__dict__, "excerpt": excerpt}))
    assert not Path(request_.folder).exists()


def test_a_silent_excerpt_is_not_measurable_but_playable(tmp_path: Path, request_: StimulusRequest) -> None:
    silent = {name: audio * 0 for name, audio in four_stems(seconds=4.0).items()}
    write_song_wavs(Path(request_.excerpt.track.root) / SONG, silent)
    result = make(request_)
    assert {condition.loudness_lufs for condition in result.conditions.values()} == {None}
    assert set(result.waveform) == {0}


def test_the_waveform_follows_the_mix() -> None:
    mix = np.zeros((2, 6000), np.float32)
    mix[0, 3000] = -0.5
    mix[1, 100] = 0.25
    columns = waveform_columns(mix)
    assert len(columns) == 600
    assert (columns[300], columns[10], columns[0]) == (255, 128, 0)


def test_fades_touch_ten_milliseconds_at_either_end_only() -> None:
    audio = np.ones((4, 2, RATE), np.float32)
    stems = problem_stems(audio, np.zeros(4), RATE)
    assert (stems[..., 441:-441] == 1).all()
    assert (np.diff(stems[0, 0, :441]) > 0).all()
    np.testing.assert_array_equal(stems, stems[..., ::-1])


def test_disturbing_changes_nothing_of_what_was_read() -> None:
    balanced = np.stack([noise(seed, seconds=0.5) for seed in range(4)])
    before = balanced.copy()
    problem_stems(balanced, np.full(4, 3.0), RATE)
    np.testing.assert_array_equal(balanced, before)
