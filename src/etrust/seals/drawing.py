"""From an application to the picture of its seal."""

from etrust.seals.model import Application, Shape
from etrust.seals.picture import PictureRecipe


def picture_recipe(application: Application, code: str) -> PictureRecipe:
    """What the picture of a seal shows: name, Uyghur line, inscription, star and code, at the true size of its kind.

    Args:
        code: 印章编码, along the lower edge; a personal seal has none.
    """
    facts = application.facts
    return PictureRecipe(
        shape=facts.shape, width_mm=facts.width, height_mm=facts.height, name=application.name_zh,
        name_ug=application.name_ug, inscription=application.inscription or facts.inscription_zh,
        code="" if facts.shape is Shape.SQUARE else code, star=facts.shape is Shape.ROUND,
    )  # fmt: skip
