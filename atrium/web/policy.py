"""Who may open a route; one that does not say keeps the process from booting (``web.checks``)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, Literal, Protocol, cast, get_args

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.utils.translation import gettext as _

from atrium.kit.errors import NotAllowed, Refusal, SignInNeeded

Who = Literal["anyone", "somebody", "member", "staff", "admin"]
View = Callable[..., Any]
Gate = Callable[[HttpRequest], object]
_gates: list[Gate] = []
_staff_gates: list[Gate] = []


class WrongMethod(Refusal):
    """The address exists, and is not asked like that."""

    status = 405
    code = "wrong_method"

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(_("This address cannot be asked in that way."))
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Policy:
    """``somebody`` is a person or a guest; ``area`` narrows staff to one of their areas.

    An operation that is ``anonymous`` has all it needs in its body: neither cookie nor key is
    looked at, a change needs no token of a page's form, and no copy of its answer is kept.
    """

    who: Who
    area: str = ""
    methods: tuple[str, ...] = ()
    anonymous: bool = False


class _Caller(Protocol):
    person: Any

    @property
    def is_nobody(self) -> bool: ...
    @property
    def is_member(self) -> bool: ...
    @property
    def is_admin(self) -> bool: ...
    def is_staff_of(self, area: str) -> bool: ...


def page(
    *methods: str, who: Who, area: str = "", anonymous: bool = False
) -> Callable[[View], View]:
    """Declare an HTML view: the methods it answers (HEAD comes with GET) and who may open it."""
    allowed = (*methods, "HEAD") if "GET" in methods else methods
    return _declare(Policy(_known(who), area, allowed, anonymous))


def policy(*, who: Who, area: str = "", anonymous: bool = False) -> Callable[[View], View]:
    """Declare an API operation; stands below ninja's own decorator."""
    return _declare(Policy(_known(who), area, anonymous=anonymous))


def register_gate(gate: Gate) -> None:
    """Have ``gate`` look at each request before its route: it raises what stands in the way."""
    if gate not in _gates:
        _gates.append(gate)


def register_staff_gate(gate: Gate) -> None:
    """Have ``gate`` look at each request of staff that only staff may make."""
    if gate not in _staff_gates:
        _staff_gates.append(gate)


def pass_staff_gates(request: HttpRequest) -> None:
    """:raises SettleFirst: whose role would do has something to do before using it"""
    for gate in _staff_gates:
        gate(request)


def pass_gates(request: HttpRequest) -> None:
    """:raises SettleFirst: the caller has something to do before anything else"""
    for gate in _gates:
        gate(request)


def admit(request: HttpRequest, rule: Policy) -> None:
    """Let the caller of ``request`` pass, or refuse; ``somebody`` makes a guest of nobody.

    :raises SignInNeeded: by who has no account where one is needed
    :raises NotAllowed: by a person without the role
    :raises SettleFirst: by who has something to do before anything else
    """
    if not rule.anonymous:
        pass_gates(request)
    if rule.who == "anyone":
        return
    if rule.who == "somebody":
        if _caller(request).is_nobody:
            request.become_guest()  # type: ignore[attr-defined]
        return
    caller = _caller(request)
    if not caller.is_member:
        raise SignInNeeded(_("Sign in to open this."))
    if not _has_role(caller, rule):
        raise NotAllowed(_("This needs a role that your account does not have."))
    if rule.who in {"staff", "admin"}:
        pass_staff_gates(request)


def may(caller: Any, rule: Policy) -> bool:
    """Whether ``admit`` would let ``caller`` pass; a guest can still be made of nobody."""
    if rule.who in {"anyone", "somebody"}:
        return True
    return bool(caller and caller.is_member and _has_role(caller, rule))


def _has_role(caller: _Caller, rule: Policy) -> bool:
    if rule.who == "admin":
        return caller.is_admin
    if rule.who == "staff":
        return caller.is_staff_of(rule.area) if rule.area else bool(caller.person.is_staff)
    return True


def _caller(request: HttpRequest) -> _Caller:
    return cast(_Caller, request.caller)  # type: ignore[attr-defined]


def _known(who: Who) -> Who:
    if who not in get_args(Who):
        raise ValueError(who)
    return who


def _declare(rule: Policy) -> Callable[[View], View]:
    def declare(view: View) -> View:
        guarded = _guard_async(view, rule) if iscoroutinefunction(view) else _guard(view, rule)
        guarded.policy = rule  # type: ignore[attr-defined]
        return guarded

    return declare


def _guard(view: View, rule: Policy) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        _check_method(request, rule)
        admit(request, rule)
        return view(request, *args, **kwargs)

    return guarded


def _guard_async(view: View, rule: Policy) -> View:
    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        _check_method(request, rule)
        await sync_to_async(admit)(request, rule)
        return await view(request, *args, **kwargs)

    return guarded


def _check_method(request: HttpRequest, rule: Policy) -> None:
    if rule.methods and request.method not in rule.methods:
        raise WrongMethod(rule.methods)
