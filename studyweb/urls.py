"""Where everything lives."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from studyweb import health

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("research/", include("studyweb.coding.urls")),
    path("research/", include("studyweb.dashboard.urls")),
    path("api/", include("studyweb.api.urls")),
    path("", include("studyweb.trials.urls")),
]
