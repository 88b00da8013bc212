from typing import Any

from django.db import migrations

from atrium.kit.ids import new_id

_GB = 1000**3
_CREDIT = 1_000_000
# slug, name, price in cents, tokens in six hours, credits a month, storage, sold
_TIERS = (
    ("guest", "Guest", 0, 20_000, 0, None, False),
    ("basic", "Basic", 0, 100_000, 0, None, True),
    ("premium_starter", "Premium Starter", 999, 500_000, 50, 20 * _GB, True),
    ("premium_pro", "Premium Pro", 2999, 2_000_000, 200, 100 * _GB, True),
    ("premium_ultra", "Premium Ultra", 9999, 5_000_000, 800, 500 * _GB, True),
    ("unlimited", "Unlimited", 29999, -1, 3000, 2000 * _GB, True),
)


def add(apps: Any, schema_editor: Any) -> None:
    plans = apps.get_model("plans", "Plan").objects
    for place, (slug, name, price, tokens, credits_, storage, sold) in enumerate(_TIERS):
        plans.create(
            id=new_id(),
            slug=slug,
            name=name,
            price_minor=price,
            currency="USD",
            tokens_per_window=tokens,
            monthly_credits=credits_ * _CREDIT,
            storage_bytes=storage,
            order=(place + 1) * 10,
            is_sold=sold,
        )


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
