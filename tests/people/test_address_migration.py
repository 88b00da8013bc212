from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps

from atrium.people.models import User
from tests import make

move = import_module("atrium.people.migrations.0010_mail_addresses").addresses_become_unconfirmed


@pytest.mark.django_db
def test_what_was_typed_and_never_confirmed_is_still_to_be_confirmed() -> None:
    alice, bob = make.person(username="alice"), make.person(username="bob")
    User.objects.filter(pk=alice.pk).update(email="Alice@x.example")

    move(apps, None)
    move(apps, None)

    assert set(User.objects.values_list("username", "email")) == {("alice", ""), ("bob", "")}
    address = EmailAddress.objects.get()
    assert (address.user, address.email) == (alice, "alice@x.example")
    assert (address.verified, address.primary) == (False, False)
    assert not EmailAddress.objects.filter(user=bob).exists()
