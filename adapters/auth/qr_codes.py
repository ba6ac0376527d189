"""QR codes, for whoever draws them: a page, or a terminal."""

import segno


def qr_code(text: str) -> list[str]:
    """Its rows, without the margin of four light modules that belongs around it: ``1`` is dark."""
    return ["".join(map(str, row)) for row in segno.make_qr(text, error="m").matrix]
