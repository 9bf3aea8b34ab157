"""Has matplotlib show its figures in the Plots window, unless somebody has said where else.

Only a backend that was left open is chosen: `matplotlib.use`, MPLBACKEND and any matplotlibrc that names one keep it,
which setting MPLBACKEND ourselves would not do.
"""

from __future__ import annotations

from . import settings
from .hooks import after_import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

BACKEND = "module://mockexam_preload.plots_backend"
OLDEST = (3, 1)
FALLING_BACK = (3, 6)
"""The first matplotlib that takes a character from the next font when one lacks it."""
# untranslated: names of fonts
HANGUL = (
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "NanumGothic",
    "Nanum Gothic",
    "NanumBarunGothic",
    "Apple SD Gothic Neo",
    "AppleGothic",
    "Malgun Gothic",
    "UnDotum",
    "Baekmuk Dotum",
    "Source Han Sans KR",
    "Noto Sans CJK JP",
)
"""Fonts with Hangul, the best first. Each file of Noto Sans CJK has all of it, under whichever name it is found."""


def start(given: dict[str, str]) -> None:
    """Wait for matplotlib. `given` has under "plots" the folder that the figures go to."""
    settings.update(given)
    after_import("matplotlib", _choose)
    after_import("matplotlib.font_manager", _add_hangul)


def version(matplotlib: ModuleType) -> tuple[int, ...]:
    """The first two numbers of matplotlib's version."""
    return tuple(int(part) for part in matplotlib.__version__.split(".")[:2])


def hangul_font(manager: ModuleType) -> str | None:
    """The best font with Hangul that this machine has."""
    there = {font.name for font in manager.fontManager.ttflist}
    return next((name for name in HANGUL if name in there), None)


def _choose(matplotlib: ModuleType) -> None:
    if version(matplotlib) < OLDEST:
        return
    from matplotlib import rcsetup

    # Asking for it in the ordinary way would have matplotlib choose one.
    if dict.__getitem__(matplotlib.rcParams, "backend") is rcsetup._auto_backend_sentinel:
        matplotlib.rcParams["backend"] = BACKEND


def _add_hangul(manager: ModuleType) -> None:
    """Take what the font of matplotlib lacks from one with Hangul; a font that was chosen stays the first."""
    import matplotlib

    chosen, font = matplotlib.rcParams["font.family"], None
    if version(matplotlib) >= FALLING_BACK and chosen == matplotlib.rcParamsDefault["font.family"]:
        font = hangul_font(manager)
    if font is not None:
        matplotlib.rcParams["font.family"] = [*chosen, font]
