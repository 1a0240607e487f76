"""Serving a stem to the participant who may hear it: ranges, caching, nothing that tells what it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from studyweb.studies.models import StemAudio
from studyweb.trials.byte_ranges import ByteRange, UnsatisfiableRangeError, parse_range
from studyweb.trials.models import Participant
from studyweb.trials.session import current_trial

CONTENT_TYPE = "audio/flac"
MAX_AGE_S = 86_400
CHUNK_BYTES = 64 * 1024


def audible_stem(participant: Participant, public_id: str) -> StemAudio:
    """The stem, if it belongs to a trial of this participant that is over, running or next. Raises Http404 else."""
    current = current_trial(participant)
    trials = participant.trials.all()
    if current is not None:
        trials = trials.filter(position__lte=current.position + 1)
    stem = StemAudio.objects.filter(public_id=public_id, item__in=trials.values("item")).first()
    if stem is None:
        raise Http404("no such audio")
    return stem


def send_stem(request: HttpRequest, stem: StemAudio) -> HttpResponseBase:
    """The file as a response: 200, 206, 304 or 416. Behind nginx (settings.ACCEL) nginx sends it and cuts ranges.

    The entity tag is the opaque id, because what stands under it never changes; no file name, no date.
    """
    tag = f'"{stem.public_id}"'
    if request.headers.get("If-None-Match", "").strip() == tag:
        return _with_headers(HttpResponse(status=304), tag)
    if settings.ACCEL:
        response = HttpResponse(content_type=CONTENT_TYPE)
        response["X-Accel-Redirect"] = f"/accel/{stem.path}"
        return _with_headers(response, tag)
    path = settings.MEDIA_ROOT / stem.path
    if not path.is_file():
        raise Http404("the audio file is gone")
    return _with_headers(_range_response(request, path, tag), tag)


def _range_response(request: HttpRequest, path: Path, tag: str) -> HttpResponseBase:
    size = path.stat().st_size
    wanted = request.headers.get("Range", "") if request.headers.get("If-Range", tag) == tag else ""
    try:
        part = parse_range(wanted, size)
    except UnsatisfiableRangeError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    sent = part or ByteRange(0, size - 1)
    response = StreamingHttpResponse(_chunks(path, sent), status=206 if part else 200, content_type=CONTENT_TYPE)
    response["Content-Length"] = str(sent.length)
    if part:
        response["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    return response


def _chunks(path: Path, part: ByteRange) -> Iterator[bytes]:
    left = part.length
    with path.open("rb") as file:
        file.seek(part.first)
        while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk


def _with_headers(response: HttpResponseBase, tag: str) -> HttpResponseBase:
    response["ETag"] = tag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = f"private, max-age={MAX_AGE_S}"
    return response
