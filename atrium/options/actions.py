from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit import bell
from atrium.kit.errors import Conflict
from atrium.kit.secrets import seal, unseal
from atrium.options import queries, registry
from atrium.options.listening import TOPIC
from atrium.options.models import Setting
from atrium.options.registry import Option


class ChangedMeanwhile(Conflict):
    code = "changed_meanwhile"


def set_option(*, key: str, text: str, by: str, at: datetime) -> Option:
    """Let the option say what ``text`` says, everywhere within 5 seconds; audited old → new.

    :raises UnknownOption: nobody declared it
    :raises BadValue: the text is not of its kind or out of its bounds
    :raises ChangedMeanwhile: somebody else changed it in the same moment
    """
    option = registry.option(key)
    wanted = option.written(option.parse(text))
    with transaction.atomic():
        setting = Setting.objects.filter(key=key).first()
        if setting is not None and _plain(option, setting) == wanted:
            return option
        _write(option, setting, wanted, by=by, at=at)
        before = option.default_text if setting is None else _plain(option, setting)
        _announce(option, "option.set", before, wanted, by=by, at=at)
    return option


def unset_option(*, key: str, by: str, at: datetime) -> Option:
    """Return the option to its default.

    :raises UnknownOption: nobody declared it
    """
    option = registry.option(key)
    with transaction.atomic():
        setting = Setting.objects.filter(key=key).first()
        if setting is not None and Setting.objects.filter(key=key, text=setting.text).delete()[0]:
            before = _plain(option, setting)
            _announce(option, "option.unset", before, option.default_text, by=by, at=at)
    return option


def _write(option: Option, old: Setting | None, wanted: str, *, by: str, at: datetime) -> None:
    text = seal(wanted, purpose=f"option:{option.key}") if option.secret else wanted
    if old is not None:
        same = Setting.objects.filter(key=option.key, text=old.text)
        written = same.update(text=text, changed_by=by, changed_at=at)
    else:
        try:
            with transaction.atomic():
                Setting.objects.create(key=option.key, text=text, changed_by=by, changed_at=at)
            written = 1
        except IntegrityError:
            written = 0
    if not written:
        raise ChangedMeanwhile(
            _("Somebody else has just changed this option. Look at it again first.")
        )


def _plain(option: Option, setting: Setting) -> str:
    if option.secret:
        return unseal(setting.text, purpose=f"option:{option.key}")
    return setting.text


def _announce(option: Option, action: str, old: str, new: str, *, by: str, at: datetime) -> None:
    detail: dict[str, Any] = {"secret": True} if option.secret else {"old": old, "new": new}
    note(action, by=by, about=("option", option.key), detail=detail, at=at)
    queries.forget()
    transaction.on_commit(queries.forget)
    bell.ring(TOPIC)
