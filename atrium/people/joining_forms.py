from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit.limits import LIMITS
from atrium.people.actions.joining import allowed_domains
from atrium.people.forms import ChosenNameForm, SignUpForm
from atrium.people.invited import WayIn
from atrium.people.models import TermsVersion, User

ADDRESSES = {"terms": "people:terms", "privacy": "people:privacy_notice"}


class AgreesForm(forms.Form):
    """A box for what is in force, under the names that it had when the page was shown."""

    def __init__(self, *args: Any, terms: list[TermsVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if terms:
            self.fields["versions"] = forms.CharField(
                widget=forms.HiddenInput,
                initial=" ".join(str(version.pk) for version in terms),
                max_length=200,
                required=False,
            )
            self.fields["terms"] = forms.BooleanField(
                label=_agree(terms),
                error_messages={"required": _("To have an account here you agree to this.")},
            )

    @property
    def agreed(self) -> list[UUID]:
        """The versions that were agreed to; what was never asked is not among them."""
        if not self.cleaned_data.get("terms"):
            return []
        return [*filter(None, map(_id, self.cleaned_data["versions"].split()))]


class JoinForm(AgreesForm, SignUpForm):
    """Asks for what the way in needs."""

    def __init__(self, *args: Any, way: WayIn, **kwargs: Any) -> None:
        super().__init__(*args, terms=way.terms, **kwargs)
        email = self.fields["email"]
        if way.email:
            email.initial, email.disabled = way.email, True
            email.help_text = _("The invitation is for this address.")
        elif way.needs_email:
            email.required = True
            email.help_text = _(
                "An address of: {domains}. The account opens once you have confirmed it."
            ).format(domains=", ".join(allowed_domains()) or "—")


class FinishForm(AgreesForm, ChosenNameForm):
    """What somebody new for whom a provider vouches is asked."""


class InvitationForm(forms.Form):
    """What a member says of an invitation."""

    uses = forms.IntegerField(
        label=gettext_lazy("For how many people"),
        min_value=1,
        max_value=LIMITS.invitation_uses,
        initial=1,
    )
    days = forms.IntegerField(
        label=gettext_lazy("How many days it works"),
        min_value=1,
        max_value=LIMITS.invitation_days,
        initial=14,
    )
    for_email = forms.EmailField(
        label=gettext_lazy("Only for this mail address"),
        max_length=LIMITS.mail_address_characters,
        required=False,
    )
    mail_it = forms.BooleanField(label=gettext_lazy("Send it there by mail, too"), required=False)
    note_to_self = forms.CharField(
        label=gettext_lazy("A note for yourself"), max_length=200, required=False
    )


class RoleInvitationForm(InvitationForm):
    """What an administrator says of one."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=User.Role.choices, initial=User.Role.USER
    )
    staff_areas = forms.MultipleChoiceField(
        label=gettext_lazy("Staff areas"),
        choices=(
            ("support", gettext_lazy("Support")),
            ("finance", gettext_lazy("Finance")),
            ("moderation", gettext_lazy("Moderation")),
        ),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class TermsForm(forms.Form):
    """The draft of a text that people agree to."""

    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=TermsVersion.Kind.choices)
    text = forms.CharField(
        label=gettext_lazy("The text, in Markdown"),
        max_length=LIMITS.terms_characters,
        widget=forms.Textarea(attrs={"rows": 16}),
    )
    needs_acceptance = forms.BooleanField(
        label=gettext_lazy("Members have to agree to it before they go on"),
        required=False,
        initial=True,
    )


class DraftForm(TermsForm):
    kind = None  # type: ignore[assignment]


class SentenceForm(forms.Form):
    sentence = forms.CharField(
        label=gettext_lazy("A sentence for the person"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("They read it where they wait, and by mail."),
    )


class NeededSentenceForm(SentenceForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sentence"].required = True


def _agree(versions: list[TermsVersion]) -> SafeString:
    links = format_html_join(
        ", ",
        '<a href="{}" target="_blank">{}</a>',
        ((reverse(ADDRESSES[one.kind]), one.get_kind_display()) for one in versions),
    )
    return format_html(_("I have read and agree to: {}"), links)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
