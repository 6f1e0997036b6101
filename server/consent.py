"""Alexa's own part while a skill asks for a permission: her question, the answers she takes, what she tells the skill.

Amazon, "Set up voice permissions for reminders". Her words are hers and change; the answer never goes through the
skill's interaction model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

QUESTION = "Do you give Cramp Coach permission to update your reminders? You can say I approve, or no."
AGAIN = "Sorry, I didn't get that. Do you give Cramp Coach that permission? You can say I approve, or no."

_YES = re.compile(r"\b(yes|yeah|yep|yup|sure|ok|okay|approve|allow|of course|go ahead|please do|fine)\b")
_NO = re.compile(r"\b(no|nope|nah|not|don't|do not|deny|never|stop|cancel)\b")


class Consent:
    """One question of hers. She asks twice, then gives up."""

    def __init__(self, token: str, scope: str) -> None:
        self.question = QUESTION
        self._token = token
        self._scope = scope

    @classmethod
    def asked_by(cls, response: Mapping[str, Any]) -> Consent | None:
        """The question that a response hands over to her, if it does."""
        for directive in response.get("directives") or ():
            if directive.get("type") == "Connections.SendRequest" and directive.get("name") == "AskFor":
                return cls(directive.get("token", ""), directive["payload"]["permissionScope"])
        return None

    def hear(self, text: str) -> str:
        """How her question ended: "ACCEPTED", "DENIED" or "NOT_ANSWERED"; "" while she asks again."""
        said = text.lower().replace("\u2019", "'")
        if _NO.search(said):
            return "DENIED"
        if _YES.search(said):
            return "ACCEPTED"
        if self.question == AGAIN:
            return "NOT_ANSWERED"
        self.question = AGAIN
        return ""

    def response(self, outcome: str) -> dict[str, Any]:
        """The request that tells the skill."""
        return {
            "type": "Connections.Response",
            "name": "AskFor",
            "status": {"code": "200", "message": "OK"},
            "payload": {"permissionScope": self._scope, "status": outcome, "isCardThrown": False},
            "token": self._token,
        }
