"""flask-ask-sdk as it comes, for the bench: our peer, with its own verifier.

That verifier needs an `oscrypto` that can read the version of OpenSSL (docs/decisions/0002-web-door-verification.md),
which the bench installs into the peers' own environment. Never imported where our door is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ask_sdk_webservice_support import verifier, webservice_handler
from certvalidator import CertificateValidator, ValidationContext
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from flask import Flask
from flask_ask_sdk.skill_adapter import SkillAdapter

if TYPE_CHECKING:
    from ask_sdk_core.skill import CustomSkill


def stock(skill: CustomSkill, skill_id: str, *, verified: bool, root: bytes, chain: bytes) -> Flask:
    """Its app, as its own page describes it. `root` and `chain` are PEM, the pretend Amazon's.

    Only where the chain comes from and one authority more are put in; what is done for each request is its own.
    """
    trusted = load_pem_x509_certificate(root).public_bytes(Encoding.DER)

    def validator(leaf: bytes, between: list[bytes]) -> Any:
        # By itself it makes such a context, without our root, for every request.
        return CertificateValidator(leaf, between, ValidationContext(extra_trust_roots=[trusted]))

    class OnTheShelf(verifier.RequestVerifier):
        """Its cache of chains holds ours from the start, as it does after the first request."""

        def __init__(self) -> None:
            super().__init__()
            self._cert_cache = _Always(chain)

    vars(verifier)["CertificateValidator"] = validator
    vars(webservice_handler)["RequestVerifier"] = OnTheShelf
    app = Flask(__name__)
    app.config.update(ASK_SDK_VERIFY_SIGNATURE=verified, ASK_SDK_VERIFY_TIMESTAMP=verified)
    SkillAdapter(skill=skill, skill_id=skill_id, app=app).register(app=app, route="/alexa")
    return app


class _Always(dict[str, bytes]):
    """A cache in which every URL has the same chain."""

    def __init__(self, chain: bytes) -> None:
        super().__init__()
        self._chain = chain

    def __contains__(self, url: object) -> bool:
        return True

    def __missing__(self, url: str) -> bytes:
        return self._chain
