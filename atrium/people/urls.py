from django.urls import path

from atrium.people.pages import door, history, settings

app_name = "people"
urlpatterns = [
    path("sign-in", door.sign_in, name="sign_in"),
    path("sign-up", door.sign_up, name="sign_up"),
    path("sign-out", door.sign_out, name="sign_out"),
    path("welcome/<str:token>", door.welcome, name="welcome"),
    path("settings", settings.settings, name="settings"),
    path("settings/history", history.history, name="history"),
    path("settings/password", settings.password, name="password"),
    path("settings/keys", settings.make_key, name="make_key"),
    path("settings/keys/<uuid:key_id>/revoke", settings.revoke_key, name="revoke_key"),
    path("settings/sessions/end-others", settings.end_other_sessions, name="end_other_sessions"),
    path("settings/sessions/<uuid:session_id>/end", settings.end_session, name="end_session"),
]
