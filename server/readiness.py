"""Is the door ready for its first visitor? The skill is opened once by us, so that all it reads has been read."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ask_sdk_model import RequestEnvelope

if TYPE_CHECKING:
    from ask_sdk_core.skill import CustomSkill


class Readiness:
    """True once the skill has had words for somebody who opens it; asked until then, and never again.

    The store is not asked: without it a turn is answered all the same (store.Bounded), so the door stays open for it.
    Nor is Amazon's shelf of certificates: a door that has the key needs it once an hour at most.
    """

    def __init__(self, skill: CustomSkill, skill_id: str) -> None:
        self._skill = skill
        self._skill_id = skill_id
        self._lock = threading.Lock()
        self._has_spoken = False

    def __bool__(self) -> bool:
        with self._lock:
            if not self._has_spoken:
                try:
                    self._has_spoken = self._opens()
                except Exception:  # noqa: BLE001  # whatever it is, the skill has no words
                    return False
            return self._has_spoken

    def _opens(self) -> bool:
        system = {"application": {"applicationId": self._skill_id}, "user": {"userId": "nobody"}}
        envelope = {
            "version": "1.0",
            "session": {"new": True, "sessionId": "none", "attributes": {}, **system},
            "context": {"System": system},
            "request": {
                "type": "LaunchRequest",
                "requestId": "none",
                "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
                "locale": "en-US",
            },
        }
        asked = self._skill.serializer.deserialize(json.dumps(envelope), RequestEnvelope)
        answer = self._skill.invoke(request_envelope=asked, context=None)
        said = answer.response
        # Who is greeted may go on; after an apology for what went wrong the session is over.
        return said is not None and said.output_speech is not None and said.should_end_session is not True
