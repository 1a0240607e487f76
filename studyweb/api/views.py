"""The REST API of researchers: their studies, counts, results, tables as CSV, exports. Tokens or the session."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from knox.views import LoginView
from rest_framework.authentication import BasicAuthentication
from rest_framework.decorators import api_view
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from studyweb.api.serializers import (
    ExportRequestSerializer,
    ExportSerializer,
    PairResultSerializer,
    ProgressSerializer,
    StudySerializer,
    TokenSerializer,
    export_data,
    pair_result_data,
)
from studyweb.dashboard.access import get_study, studies_of
from studyweb.dashboard.downloads import archive_response
from studyweb.dashboard.progress import live_progress
from studyweb.dashboard.results import MaskedError, results_of
from studyweb.export.codebook import codebook_json
from studyweb.export.columns import columns_of, tables_of
from studyweb.export.csv_text import csv_chunks
from studyweb.export.rows import table_chunks
from studyweb.export.scope import project_scope
from studyweb.export.services import ListedExport, listed_exports, request_export
from studyweb.studies.services import StudyRefusedError, log_action


class TokenThrottle(SimpleRateThrottle):
    """Attempts to get a token by network address, right or wrong."""

    scope = "token"
    rate = "10/minute"

    def get_cache_key(self, request: Request, view: APIView) -> str:  # noqa: ARG002 - what DRF calls
        """Who is asking: never by user, which would look at the password first."""
        return str(self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)})


class TokenView(LoginView):
    """POST with user name and password (HTTP Basic) gives a token, shown once, stored hashed.

    After ten attempts in a minute from one address: 429 with Retry-After.
    """

    authentication_classes = [BasicAuthentication]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count the attempt before the password is looked at; DRF's own throttling comes after a failed login."""
        throttle = TokenThrottle()
        if not throttle.allow_request(request, self):
            self.throttled(request, throttle.wait())
        super().initial(request, *args, **kwargs)

    @extend_schema(request=None, responses=TokenSerializer, auth=[{"basicAuth": []}])
    def post(self, request: Request, format: str | None = None) -> Response:
        """A new token."""
        response: Response = super().post(request, format=format)
        return response


@extend_schema(responses=StudySerializer(many=True))
@api_view(["GET"])
def studies(request: Request) -> Response:
    """The studies of the token's owner."""
    return Response(StudySerializer(studies_of(request.user), many=True).data)


@extend_schema(responses=StudySerializer)
@api_view(["GET"])
def study(request: Request, slug: str) -> Response:
    """One study."""
    return Response(StudySerializer(get_study(request.user, slug)).data)


@extend_schema(responses=ProgressSerializer)
@api_view(["GET"])
def progress(request: Request, slug: str) -> Response:
    """How the study fills up; counts only."""
    found = get_study(request.user, slug)
    now = live_progress(found)
    data = {
        "simulated": found.is_simulated,
        "participants": now.participants_by_state,
        "target_participants": now.target_participants,
        "trials_completed": now.trials_completed,
        "answers_stored": now.answers_stored,
        **{
            name: getattr(now.preparation, name)
            for name in ("advices_ready", "advices_total", "stimuli_ready", "stimuli_total")
        },
    }
    return Response(ProgressSerializer(data).data)


@extend_schema(responses={200: PairResultSerializer(many=True), 403: OpenApiResponse(description="still masked")})
@api_view(["GET"])
def results(request: Request, slug: str) -> Response:
    """Every pair's result; refused while the study is masked."""
    found = get_study(request.user, slug)
    try:
        pairs = results_of(found)
    except MaskedError as error:
        raise PermissionDenied(str(error)) from error
    return Response([pair_result_data(pair, simulated=found.is_simulated) for pair in pairs])


@extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
@api_view(["GET"])
def table_csv(request: Request, slug: str, table: str) -> StreamingHttpResponse:
    """One table as CSV, streamed; columns that name systems are left out while the study is masked."""
    found = get_study(request.user, slug)
    if table not in tables_of(masked=found.is_masked):
        raise Http404(f"no table {table!r}; there are {', '.join(tables_of(masked=found.is_masked))}")
    log_action(found, actor=request.user.get_username(), action="table read", detail={"table": table})
    text = csv_chunks(columns_of(table, masked=found.is_masked), table_chunks(table, project_scope(found)))
    response = StreamingHttpResponse((part.encode() for part in text), content_type="text/csv; charset=utf-8")
    name = f"{found.slug}{'-SIMULATED' if found.is_simulated else ''}-{table}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@extend_schema(responses=OpenApiTypes.OBJECT)
@api_view(["GET"])
def codebook(request: Request, slug: str) -> Response:
    """The code book of the study's tables."""
    return Response(codebook_json(masked=get_study(request.user, slug).is_masked))


@extend_schema(methods=["GET"], responses=ExportSerializer(many=True))
@extend_schema(methods=["POST"], request=ExportRequestSerializer, responses={202: ExportSerializer})
@api_view(["GET", "POST"])
def exports(request: Request, slug: str) -> Response:
    """GET lists the study's exports; POST asks for a new one, with `profile` public for everybody (no comments)."""
    found = get_study(request.user, slug)
    if request.method == "POST":
        asked = ExportRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            job = request_export(found, actor=request.user.get_username(), profile=asked.validated_data["profile"])
        except StudyRefusedError as refusal:
            raise ValidationError(str(refusal)) from refusal
        return Response(export_data(found, ListedExport(job, is_current=False)), status=202)
    return Response([export_data(found, each) for each in listed_exports(found)])


@extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
@api_view(["GET"])
def export_file(request: Request, slug: str, job_id: UUID) -> FileResponse:
    """A finished export's archive."""
    return archive_response(get_study(request.user, slug), job_id)
