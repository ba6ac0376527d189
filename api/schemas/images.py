"""The shape of an uploaded image."""

from api.schemas.answers import Answer, example


class UploadAnswer(Answer):
    """Where a picture is from now on: ``path`` goes into ``images``."""

    model_config = example(
        {
            "path": "/uploads/4f0c1a9be2d34c5f8a7b6c5d4e3f2a10.jpg",
            "url": "https://revcare.example/uploads/4f0c1a9be2d34c5f8a7b6c5d4e3f2a10.jpg",
        }
    )

    path: str
    url: str
