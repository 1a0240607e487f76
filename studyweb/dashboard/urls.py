"""Researchers' pages, under /research/."""

from django.urls import path, register_converter

from studyweb.dashboard import downloads, planning_views, views
from studyweb.dashboard.converters import ExtensionConverter, StateActionConverter

register_converter(StateActionConverter, "action")
register_converter(ExtensionConverter, "figure_extension")

app_name = "dashboard"
urlpatterns = [
    path("", views.studies, name="studies"),
    path("<slug:slug>/", views.study, name="study"),
    path("<slug:slug>/progress/", views.progress, name="progress"),
    path("<slug:slug>/state/<action:action>/", views.change_state, name="change-state"),
    path("<slug:slug>/items/", views.items, name="items"),
    path("<slug:slug>/results/", views.results, name="results"),
    path("<slug:slug>/results/figure/<uuid:job_id>/", views.figure, name="figure"),
    path(
        "<slug:slug>/results/figure/<uuid:job_id>.<figure_extension:extension>",
        downloads.figure_file,
        name="figure-file",
    ),
    path("<slug:slug>/planning/", planning_views.planning, name="planning"),
    path("<slug:slug>/look/", planning_views.look, name="look"),
    path("<slug:slug>/exports/", views.exports, name="exports"),
    path("<slug:slug>/exports/list/", views.export_list, name="export-list"),
    path("<slug:slug>/exports/make/", views.make_export, name="make-export"),
    path("<slug:slug>/exports/<uuid:job_id>.zip", downloads.export_file, name="export-file"),
    path("<slug:slug>/study.yaml", downloads.study_file, name="study-file"),
]
