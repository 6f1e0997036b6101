"""skill-package/assets/icon.svg -> the two icons that the store shows, as PNG.

python -m tools.icons    writes them; look at both afterwards, the small one from an arm's length
"""

from __future__ import annotations

import sys
from pathlib import Path

from .yamlfile import ROOT

ASSETS = ROOT / "skill-package" / "assets"
SOURCE = ASSETS / "icon.svg"
SIZES = (108, 512)  # Amazon takes these alone ("Skill manifest": smallIconUri, largeIconUri)


def drawn(size: int) -> bytes:
    """The icon as PNG, so many pixels wide and high."""
    import resvg_py  # one of the test tools: nothing else in tools/ has to wait for it

    return bytes(resvg_py.svg_to_bytes(svg_path=str(SOURCE), width=size, height=size, skip_system_fonts=True))


def path_of(size: int) -> Path:
    """Where the icon of a size is committed."""
    return ASSETS / "images" / f"icon-{size}.png"


def main() -> int:
    """Writes the icons. Returns the exit status."""
    for size in SIZES:
        path = path_of(size)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawn(size))
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
