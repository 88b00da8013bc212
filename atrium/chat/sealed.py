from atrium.kit.sealed import SealedColumn, register

register(
    SealedColumn("chat.SharedCopy", "sealed_token", purpose=lambda copy: copy.token_purpose),
)
