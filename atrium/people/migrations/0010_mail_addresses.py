import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def addresses_become_unconfirmed(apps, schema_editor):
    """Until now nobody confirmed what they typed: keep it as an address still to be confirmed."""
    User = apps.get_model("people", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    for person in User.objects.exclude(email="").iterator():
        EmailAddress.objects.get_or_create(user=person, email=person.email.lower())
        User.objects.filter(pk=person.pk).update(email="")


class Migration(migrations.Migration):

    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("people", "0009_used_codes"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailedLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opens", models.CharField(choices=[("confirm", "Confirm"), ("reset", "Reset")], max_length=7)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("address", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="account.emailaddress")),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="mailed_links", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("used_at", None), ("ended_at", None), _connector="OR"),
                        name="people_mailed_link_ends_one_way",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RescueCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rescue_codes", to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.RunPython(addresses_become_unconfirmed, migrations.RunPython.noop),
    ]
