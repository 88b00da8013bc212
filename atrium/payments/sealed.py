from atrium.kit.sealed import SealedColumn, register

register(
    SealedColumn("payments.SavedMethod", "sealed_reference", purpose=lambda method: method.purpose),
    SealedColumn("payments.GatewaySetting", "sealed_keys", purpose=lambda row: row.purpose),
)
