from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.people import actions
from atrium.people.api.asking import caller_in
from atrium.people.schemas.tokens import RefreshIn, SignInIn, TokensOut
from atrium.web.address import address_of
from atrium.web.policy import policy
from atrium.web.schemas import errors

router = Router()


@router.post("/tokens", response={201: TokensOut}, tags=["tokens"], summary="Sign an app in")
@policy(who="anyone", anonymous=True)
def sign_in(request: HttpRequest, asked: SignInIn) -> Status[TokensOut]:
    """By name and password, with the limits of the sign-in page; what no key can do, it can.

    Who has a second factor is refused (`second_factor_needed`) and signs in at `/_allauth/app/v1`,
    which asks for it and gives the same tokens.
    """
    made = actions.sign_in_app(
        username=asked.username,
        password=asked.password,
        agent=request.headers.get("User-Agent", ""),
        address=address_of(request),
        at=clock.now(),
    )
    return Status(201, TokensOut.of(made))


@router.post(
    "/tokens/refresh",
    response={200: TokensOut, **errors(401)},
    tags=["tokens"],
    summary="Get the next tokens",
)
@policy(who="anyone", anonymous=True)
def refresh(request: HttpRequest, asked: RefreshIn) -> TokensOut:
    """Each refresh token works once, and for seven days; sent again within ten seconds the answer
    holds the same successor. Sent again later it has been copied: the app is signed out, and you
    are told."""
    return TokensOut.of(actions.refresh(token=asked.refresh_token, at=clock.now()))


@router.delete(
    "/tokens", response={204: None, **errors(404)}, tags=["tokens"], summary="Sign this app out"
)
@policy(who="member")
def sign_out(request: HttpRequest) -> Status[None]:
    """Asked with an access token: it, its refresh token and all before them open nothing more."""
    app = caller_in(request).app
    if app is None:
        raise NotFound(_("No app asks here: send its access token."))
    actions.end_family(family=app, at=clock.now())
    return Status(204, None)
