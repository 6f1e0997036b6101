"""Writes lambda/store/amazon_roots.crt: the roots that Amazon's certificates end in, out of certifi's many.

Usage: python -m tools.roots

They are a selection for speed, not a pin: what they do not fit is tried with the system's roots. Amazon names them, and
asks whoever keeps a trust store of their own to have all five: https://www.amazontrust.com/repository/
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import certifi

from tools.yamlfile import ROOT

FILE = ROOT / "lambda" / "store" / "amazon_roots.crt"
NAMES = (*(f"Amazon Root CA {number}" for number in (1, 2, 3, 4)), "Starfield Services Root Certificate Authority - G2")
_ENTRY = re.compile(  # a certificate below comments, one of which is its name
    r'^# Label: "([^"\n]+)"\n(?:#.*\n)*(-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n)',
    re.MULTILINE,
)


def roots() -> str:
    """The five, each below its name. Raises KeyError where certifi has one no more."""
    found = dict(_ENTRY.findall(Path(certifi.where()).read_text("utf-8")))
    return "".join(f"# {name}\n{found[name]}" for name in NAMES)


def main() -> int:
    FILE.write_text(roots(), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
