"""The same skill as a web service; nothing in here ships to Lambda.

The production app is `create_app()` and has one address, `POST /alexa`.
Importing this package costs nothing and brings neither the Alexa kit nor the browser's speaker:
those who want one of them import it by name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ask_sdk_core.skill import CustomSkill
    from cryptography.x509 import Certificate
    from flask import Flask

    from server.verifier import Download


def create_app(
    skill: CustomSkill | None = None,
    *,
    skill_id: str | None = None,
    download: Download | None = None,
    roots: Iterable[Certificate] | None = None,
) -> Flask:
    """The production app: the skill behind one verified address, `POST /alexa`.

    `skill` is the skill to serve; when left out, one with the store that the environment names.
    `skill_id` is the only id served (`amzn1.ask.skill.…`), the variable SKILL_ID when left out.
    `download` and `roots` replace the network and the trusted authorities, as tests must;
    the chain is validated just the same, because no argument, variable or setting turns that off.

    Raises ValueError when there is no skill id: the door does not open for just anybody's skill.
    A server that takes a factory starts it as `server:create_app()`, with `lambda` on the path.
    """
    skill_id = (skill_id or os.environ.get("SKILL_ID", "")).strip()
    if not skill_id:
        raise ValueError(
            "The web door needs the id of the skill it serves: set SKILL_ID (amzn1.ask.skill.…) or pass skill_id."
        )
    from fast import serializer  # before the kit, which it takes in hand
    from server.door import open_door
    from server.verifier import SignatureVerifier, download_chain, trusted_roots

    if skill is None:
        from skill import build_skill
        from store import open_store

        skill = build_skill(store=open_store())
    skill.serializer = serializer()
    signature = SignatureVerifier(
        download=download_chain if download is None else download,
        roots=trusted_roots() if roots is None else roots,
    )
    return open_door(skill, skill_id, signature)
