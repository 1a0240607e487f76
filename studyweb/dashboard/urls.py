"""Researchers' pages, under /research/."""

from django.urls import path, register_converter

from studyweb.dashboard import downloads, planning_views, results_views, views
from studyweb.dashboard.converters import ReportFileConverter, StateActionConverter

register_converter(StateActionConverter, "action")
register_converter(ReportFileConverter, "report_file")

app_name = "dashboard"
urlpatterns = [
    path("", views.studies, name="studies"),
    path("<slug:slug>/", views.study, name="study"),
    path("<slug:slug>/progress/", views.progress, name="progress"),
    path("<slug:slug>/state/<action:action>/", views.change_state, name="change-state"),
    path("<slug:slug>/items/", views.items, name="items"),
    path("<slug:slug>/results/", results_views.results, name="results"),
    path("<slug:slug>/results/progress/", results_views.report_progress, name="report-progress"),
    path("<slug:slug>/results/again/", results_views.make_report_again, name="report-again"),
    path("<slug:slug>/results/<uuid:job_id>/<report_file:name>", downloads.report_file, name="report-file"),
    path("<slug:slug>/planning/", planning_views.planning, name="planning"),
    path("<slug:slug>/look/", planning_views.look, name="look"),
    path("<slug:slug>/exports/", views.exports, name="exports"),
    path("<slug:slug>/exports/list/", views.export_list, name="export-list"),
    path("<slug:slug>/exports/make/", views.make_export, name="make-export"),
    path("<slug:slug>/exports/<uuid:job_id>.zip", downloads.export_file, name="export-file"),
    path("<slug:slug>/study.yaml", downloads.study_file, name="study-file"),
]
