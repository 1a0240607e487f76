"""Addresses of participants. They carry opaque ids only."""

from django.urls import path

from studyweb.trials import data_views, joining_views, json_views, views

app_name = "trials"

urlpatterns = [
    path("join/<slug:public_id>/", joining_views.join, name="join"),
    path("p/<slug:secret>/", joining_views.personal_link, name="personal_link"),
    path("t/", views.here, name="here"),
    path("t/phone/", views.phone, name="phone"),
    path("t/background/", views.background, name="background"),
    path("t/setup/", views.setup, name="setup"),
    path("t/trial/<slug:public_id>/", views.trial, name="trial"),
    path("t/trial/<slug:public_id>/answers/", json_views.answers, name="answers"),
    path("t/trial/<slug:public_id>/conditions/", json_views.conditions, name="conditions"),
    path("t/events/", json_views.events, name="events"),
    path("t/heartbeat/", json_views.heartbeat, name="heartbeat"),
    path("t/renew/", json_views.renew, name="renew"),
    path("t/audio/<slug:public_id>", json_views.audio, name="audio"),
    path("t/closing/", views.closing, name="closing"),
    path("t/thanks/", views.thanks, name="thanks"),
    path("t/data/", data_views.data, name="data"),
    path("t/data/download/", data_views.download, name="download"),
    path("t/data/withdraw/", data_views.withdraw, name="withdraw"),
    path("t/withdrawn/", data_views.withdrawn, name="withdrawn"),
]
