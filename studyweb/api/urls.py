"""The REST API, under /api/."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from studyweb.api import views
from studyweb.api.docs import ApiDocsView

app_name = "api"
urlpatterns = [
    path("token/", views.TokenView.as_view(), name="token"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", ApiDocsView.as_view(url_name="api:schema"), name="docs"),
    path("studies/", views.studies, name="studies"),
    path("studies/<slug:slug>/", views.study, name="study"),
    path("studies/<slug:slug>/progress/", views.progress, name="progress"),
    path("studies/<slug:slug>/results/", views.results, name="results"),
    path("studies/<slug:slug>/codebook/", views.codebook, name="codebook"),
    path("studies/<slug:slug>/exports/", views.exports, name="exports"),
    path("studies/<slug:slug>/exports/<uuid:job_id>.zip", views.export_file, name="export-file"),
    path("studies/<slug:slug>/<slug:table>.csv", views.table_csv, name="table-csv"),
]
