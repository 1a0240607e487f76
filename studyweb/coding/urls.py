"""Hand-coding pages, under /research/."""

from django.urls import path

from studyweb.coding import views

app_name = "coding"
urlpatterns = [
    path("<slug:slug>/coding/", views.overview, name="overview"),
    path("<slug:slug>/coding/<int:place>/", views.text, name="text"),
]
