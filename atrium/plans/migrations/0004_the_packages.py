from typing import Any

from django.db import migrations

from atrium.kit.ids import new_id

_CREDIT = 1_000_000
# In each currency: what 50, 110 and 600 credits cost, in its minor units.
_PRICES = {
    "USD": (499, 999, 4999),
    "EUR": (449, 899, 4499),
    "NPR": (69_900, 139_900, 699_900),
    "INR": (44_900, 88_900, 444_900),
}
_SIZES = (("Small", 50), ("Medium", 110), ("Large", 600))


def add(apps: Any, schema_editor: Any) -> None:
    packages = apps.get_model("plans", "Package").objects
    for currency, prices in _PRICES.items():
        for place, ((name, size), price) in enumerate(zip(_SIZES, prices, strict=True), start=1):
            packages.create(
                id=new_id(),
                name=name,
                credits=size * _CREDIT,
                price_minor=price,
                currency=currency,
                order=place * 10,
            )


class Migration(migrations.Migration):
    dependencies = [("plans", "0003_packages_and_coupons")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
