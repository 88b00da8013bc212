from ninja import Schema
from pydantic import Field

from atrium.web.schemas import example


class PictureOut(Schema):
    """The picture as it was drawn anew."""

    model_config = example(
        picture="/people/01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a92/picture?v=9f86d081884c7d65"
    )

    picture: str = Field(description="Its address; another one whenever the picture is.")
