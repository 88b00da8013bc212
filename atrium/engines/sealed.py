from atrium.kit.sealed import SealedColumn, register

register(
    SealedColumn("engines.Provider", "sealed_key", purpose=lambda provider: provider.key_purpose)
)
