"""Draw the PNG icons of the manifest from the same two arrows as static/icons/handover.svg. Run after changing that file."""

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parents[1] / "static" / "icons"
ARROWS = (((14, 24), (48, 24), (40, 16)), ((50, 40), (16, 40), (24, 48)))
SHARP = 8  # drawn larger, then reduced, which smooths the edges


def draw(size: int, maskable: bool) -> Image.Image:
    """A square icon, `size` pixels wide; a maskable one fills the square and keeps the arrows within the safe circle."""
    big = size * SHARP
    image = Image.new("RGBA", (big, big))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, big - 1, big - 1), radius=0 if maskable else big * 14 // 64, fill="#2a56c6")
    scale, shift = (big / 64 * 0.75, big / 8) if maskable else (big / 64, 0)
    for arrow in ARROWS:
        points = [(x * scale + shift, y * scale + shift) for x, y in arrow]
        pen.line(points, fill="white", width=round(5 * scale), joint="curve")
        for x, y in points:
            r = 2.5 * scale
            pen.ellipse((x - r, y - r, x + r, y + r), fill="white")
    return image.resize((size, size), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    for size, maskable in ((192, False), (512, False), (512, True)):
        draw(size, maskable).save(FOLDER / f"handover-{size}{'-maskable' if maskable else ''}.png", optimize=True)
