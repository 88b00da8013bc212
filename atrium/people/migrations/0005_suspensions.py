import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone

import atrium.kit.ids


def tell_of_those_that_stand(apps, schema_editor):
    """Whoever was suspended before suspensions had rows gets one, so that it can be lifted."""
    Suspension = apps.get_model("people", "Suspension")
    User = apps.get_model("people", "User")
    closed = User.objects.filter(is_active=False, erased_at=None)
    Suspension.objects.bulk_create(
        Suspension(person=person, by="system", made_at=timezone.now()) for person in closed
    )


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0004_the_erased"),
    ]

    operations = [
        migrations.CreateModel(
            name="Suspension",
            fields=[
                ("id", models.UUIDField(default=atrium.kit.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("reason", models.TextField(blank=True)),
                ("by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_by", models.CharField(blank=True, max_length=80)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="suspensions", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(condition=Q(ended_at=None), fields=("person",), name="people_one_suspension_at_a_time"),
                    models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("made_at")), name="people_suspension_ends_after_it_began"),
                ],
            },
        ),
        migrations.RunPython(tell_of_those_that_stand, migrations.RunPython.noop),
    ]
