from django.urls import path

from atrium.people.pages import claims, door, history, keys, portrait, profile, providers, security

app_name = "people"
urlpatterns = [
    path("sign-in", door.sign_in, name="sign_in"),
    path("sign-up", door.sign_up, name="sign_up"),
    path("sign-out", door.sign_out, name="sign_out"),
    path("welcome/<str:token>", door.welcome, name="welcome"),
    path("settings", profile.profile, name="settings"),
    path("settings/security", security.security, name="security"),
    path("settings/claims/again", claims.again, name="claim_again"),
    path("settings/claims/<uuid:claim_id>/undo", claims.undo, name="undo_claim"),
    path("settings/picture", portrait.set_portrait, name="set_portrait"),
    path("settings/picture/remove", portrait.drop_portrait, name="drop_portrait"),
    path("people/<uuid:person_id>/picture", portrait.portrait, name="portrait"),
    path("settings/history", history.history, name="history"),
    path("settings/password", security.password, name="password"),
    path("settings/keys", keys.keys, name="keys"),
    path("settings/keys/<uuid:key_id>/revoke", keys.revoke_key, name="revoke_key"),
    path("settings/sign-ins/<int:account_id>/remove", providers.disconnect, name="disconnect"),
    path("settings/sessions/end-others", security.end_other_sessions, name="end_other_sessions"),
    path("settings/sessions/<uuid:session_id>/end", security.end_session, name="end_session"),
]
