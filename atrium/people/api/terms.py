from django.http import HttpRequest
from ninja import Router

from atrium.kit import clock
from atrium.people import terms
from atrium.people.actions.terms import accept_terms
from atrium.people.api.asking import caller_in, me_in
from atrium.people.schemas.terms import AgreedOut, AgreeIn, TermsList, TermsOut
from atrium.people.scopes import ACCOUNT, scope
from atrium.web.address import address_of, region
from atrium.web.policy import policy

router = Router()


@router.get("/terms", response=TermsList, tags=["you"], summary="List the terms in force")
@policy(who="anyone")
def list_terms(request: HttpRequest) -> TermsList:
    """The newest version of each, and whether you have still to agree to it.

    Until you have, everything else answers 403 `terms_not_accepted`.
    """
    person = caller_in(request).person
    missing = terms.missing_for(person) if person else []
    every = {version.pk: version for version in [*missing, *terms.in_force().values()]}
    missed = {version.pk for version in missing}
    found = terms.with_texts(list(every.values()))
    return TermsList(items=[TermsOut.of(one, is_missing=one.pk in missed) for one in found])


@router.post("/terms/accept", response=AgreedOut, tags=["you"], summary="Agree to terms")
@scope(ACCOUNT)
@policy(who="member")
def agree(request: HttpRequest, asked: AgreeIn) -> AgreedOut:
    """To versions in force, by their ids; any other is left out. It cannot be taken back."""
    where = region(address_of(request))
    agreed = accept_terms(
        person=me_in(request), versions=asked.versions, region=where, at=clock.now()
    )
    return AgreedOut(agreed=agreed)
