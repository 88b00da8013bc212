from atrium.kit.sealed import SealedColumn, register
from atrium.people.adapters.second_factor import CODES
from atrium.people.session_store import PURPOSE

register(
    SealedColumn(
        "people.SignInProvider",
        "sealed_secret",
        purpose=lambda provider: provider.secret_purpose,
    )
)

# What allauth keeps of a second factor: what the app knows, and what recovery codes are made of.
register(
    SealedColumn("mfa.Authenticator", "data", purpose=lambda _one: CODES, member="secret"),
    SealedColumn("mfa.Authenticator", "data", purpose=lambda _one: CODES, member="seed"),
    SealedColumn("people.Session", "payload", purpose=lambda _session: PURPOSE),
)
