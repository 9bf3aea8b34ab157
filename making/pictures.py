"""Draws the animals, food and vehicles of the pictures problem from three free collections, and splits them by motif.

pictures.tsv names every drawing that is used. It was made by looking at all of them: what is mislabelled, cropped, a
scene, a sign, a logo or barely visible is left out. A motif is what is drawn; the same emoji by two makers, or one
artist's series, is one motif, and a motif is either public or hidden.

apt-get download openclipart-png                # 1:0.18+dfsg-19, public domain
dpkg-deb -x openclipart-png_*.deb UNPACKED
npm pack @iconify-json/noto@1.2.9 @iconify-json/noto-v1@1.2.5                          # Apache-2.0
npm pack @iconify-json/fluent-emoji@1.2.7 @iconify-json/fluent-emoji-flat@1.2.6        # MIT
for p in noto-1 noto-v1 fluent-emoji-1 fluent-emoji-flat; do mkdir $p; tar xzf iconify-json-$p*.tgz -C $p; done
mv noto-1 noto; mv fluent-emoji-1 fluent-emoji
python making/pictures.py UNPACKED/usr/share/openclipart/png FOLDER_WITH_THE_FOUR        # rsvg-convert 2.54.7
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

PROBLEM = Path(__file__).parent.parent / "problems" / "tensorflow_developer" / "pictures"
TABLE = Path(__file__).parent / "pictures.tsv"
SEED = 90
CLASSES = ("animal", "food", "vehicle")
LONGEST = 96  # pixels of a public picture's longer side
SIZE = 64  # of a hidden picture, which is stretched as image_dataset_from_directory does
QUALITY = 88
# Pictures per class: motifs are dealt to a part until it has this many. Training gets the rest, up to its number.
PARTS = {"hidden": 60, "data/validation": 25, "data/train": 420}


@dataclass(frozen=True)
class Drawing:
    """One line of pictures.tsv: `name` is a path below openclipart's folder, or the name of an emoji."""

    kind: str
    motif: str
    source: str
    name: str


def drawings() -> list[Drawing]:
    """Every drawing that is used, in the table's order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    return [Drawing(*row) for row in rows[1:]]


def split(listed: Iterable[Drawing]) -> Iterator[tuple[str, str, list[Drawing]]]:
    """(part, class, drawings shuffled): whole motifs, so that no two parts share one."""
    rng = np.random.default_rng(SEED)
    by_motif: dict[tuple[str, str], list[Drawing]] = {}
    for drawing in listed:
        by_motif.setdefault((drawing.kind, drawing.motif), []).append(drawing)
    for kind in CLASSES:
        motifs = [key for key in by_motif if key[0] == kind]
        left = [by_motif[motifs[index]] for index in rng.permutation(len(motifs))]
        for part, count in PARTS.items():
            taken: list[Drawing] = []
            while left and len(taken) < count:
                taken += left.pop()
            yield part, kind, [taken[index] for index in rng.permutation(len(taken))[:count]]


@cache
def emoji(collection: Path) -> dict[str, object]:
    """The collection as iconify packs it: all bodies in one file."""
    loaded: dict[str, object] = json.loads((collection / "package" / "icons.json").read_text(encoding="utf-8"))
    return loaded


def svg(collection: Path, name: str) -> str:
    """The emoji as an SVG document."""
    packed = emoji(collection)
    icon = packed["icons"][name]  # type: ignore[index]
    left, top = (icon.get(side, packed.get(side, 0)) for side in ("left", "top"))
    width, height = (icon.get(side, packed.get(side, 16)) for side in ("width", "height"))
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {spaces} viewBox="{left} {top} {width} {height}">{icon["body"]}</svg>'


def drawn(drawing: Drawing, openclipart: Path, collections: Path) -> Image.Image:
    """The drawing with its transparency, cut to what is drawn."""
    if drawing.source == "openclipart":
        with Image.open(openclipart / drawing.name) as file:
            picture = file.convert("RGBA")
    else:
        command = ["rsvg-convert", "-w", str(2 * LONGEST), "-h", str(2 * LONGEST)]
        source = svg(collections / drawing.source, drawing.name).encode()
        made = subprocess.run(command, input=source, capture_output=True, check=True)
        picture = Image.open(io.BytesIO(made.stdout)).convert("RGBA")
    return picture.crop(picture.getchannel("A").getbbox() or picture.getbbox())


def on_paper(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The drawing with a margin on a light sheet of paper: white half of the time, else tinted."""
    picture.thumbnail((LONGEST - 8, LONGEST - 8), Image.Resampling.LANCZOS)
    white = rng.random() < 0.5
    tint = tuple(int(part) for part in rng.integers(170, 256, 3))
    paper = Image.new("RGBA", (picture.width + 8, picture.height + 8), (255, 255, 255, 255) if white else (*tint, 255))
    paper.alpha_composite(picture, (4, 4))
    return paper.convert("RGB")


def build(openclipart: Path, collections: Path, problem: Path) -> None:
    """Writes data/train, data/validation (any shape) and hidden (64 × 64) as JPEG below `problem`."""
    rng = np.random.default_rng(SEED + 1)
    for part, kind, chosen in split(drawings()):
        folder = problem / part / kind
        folder.mkdir(parents=True, exist_ok=True)
        for number, drawing in enumerate(chosen):
            picture = on_paper(drawn(drawing, openclipart, collections), rng)
            if part == "hidden":
                picture = picture.resize((SIZE, SIZE), Image.Resampling.BILINEAR)
            picture.save(folder / f"{kind}{number:04d}.jpg", quality=QUALITY)


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]), PROBLEM)
