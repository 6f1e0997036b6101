"""flask-ask-sdk, with its certificate check replaced by one that always refuses.

The only module that may import flask_ask_sdk or ask_sdk_webservice_support: the order counts.
The kit imports `certvalidator`, which imports `oscrypto`, which cannot read the version of
OpenSSL 3.0.10 and later and raises on import (https://github.com/wbond/oscrypto/issues/78).
So a stand-in takes the place of `certvalidator` first, on every host, also where the real one
works: what is tested here is what runs there.
Chains are validated by `server.verifier`; the stand-in never validates anything.
See docs/decisions/0002-web-door-verification.md.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import NoReturn


class ValidationError(Exception):
    """The name that the kit catches and turns into a refusal."""


class PathError(ValidationError):
    """The other name that the kit imports."""


class CertificateValidator:
    """Refuses every chain, so that the kit's own RequestVerifier can never pass."""

    def __init__(self, *chain: object, **options: object) -> None:
        """Take what the real one takes and raise ValidationError."""
        self.validate_usage()

    def validate_usage(self, *usage: object, **options: object) -> NoReturn:
        """Raise ValidationError."""
        raise ValidationError("Chains are validated by server.verifier only.")


def _put_stand_in() -> None:
    errors = ModuleType("certvalidator.errors", __doc__)
    vars(errors).update(PathError=PathError, ValidationError=ValidationError)
    package = ModuleType("certvalidator", __doc__)
    vars(package).update(CertificateValidator=CertificateValidator, errors=errors)
    sys.modules.update({"certvalidator": package, "certvalidator.errors": errors})


_put_stand_in()

from ask_sdk_webservice_support import verifier as _stock  # noqa: E402
from ask_sdk_webservice_support.verifier import (  # noqa: E402
    AbstractVerifier,
    VerificationException,
)
from ask_sdk_webservice_support.verifier_constants import (  # noqa: E402
    ALEXA_SKILL_EVENT_LIST as SKILL_EVENTS,
)
from ask_sdk_webservice_support.verifier_constants import (  # noqa: E402
    MAX_NORMAL_REQUEST_TOLERANCE_IN_MILLIS,
    MAX_SKILL_EVENT_TOLERANCE_IN_MILLIS,
)
from flask_ask_sdk.skill_adapter import SkillAdapter  # noqa: E402

if _stock.CertificateValidator is not CertificateValidator:
    raise ImportError("Import server.kit before ask_sdk_webservice_support: its check must refuse.")

REQUEST_SECONDS = MAX_NORMAL_REQUEST_TOLERANCE_IN_MILLIS / 1000
EVENT_SECONDS = MAX_SKILL_EVENT_TOLERANCE_IN_MILLIS / 1000

__all__ = [
    "EVENT_SECONDS",
    "REQUEST_SECONDS",
    "SKILL_EVENTS",
    "AbstractVerifier",
    "SkillAdapter",
    "VerificationException",
]
