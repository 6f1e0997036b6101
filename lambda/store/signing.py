"""The signature of a request to AWS, version 4, as far as DynamoDB needs it: a POST to "/" without a query.

Nothing here waits, reads a clock or knows where a request goes. The rules are AWS's:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from hmac import digest

from record import Record


class Credentials(Record):
    """Who asks. `token` comes with keys that expire, as those of a role do."""

    key: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:  # a traceback or a log may show it
        return "Credentials(...)"


def signed(
    headers: Mapping[str, str], body: bytes, who: Credentials, *, region: str, moment: str, service: str = "dynamodb"
) -> dict[str, str]:
    """The headers, with the date, the token and the signature over all of them and the body.

    `headers` must hold the Host. `moment` is the time in UTC as "20150830T123600Z".
    """
    headers = {**headers, "X-Amz-Date": moment}
    if who.token:
        headers["X-Amz-Security-Token"] = who.token
    lines = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
    names = ";".join(name for name, _ in lines)
    request = ["POST", "/", "", *(f"{name}:{value}" for name, value in lines), "", names, sha256(body).hexdigest()]
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, sha256("\n".join(request).encode()).hexdigest()])
    # Bytes of the environment that are no UTF-8 stand there as surrogates; an exception about them would quote the key.
    key = f"AWS4{who.secret}".encode("utf-8", "surrogateescape")
    for part in (*scope.split("/"), text):
        key = digest(key, part.encode(), "sha256")
    headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={who.key}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    )
    return headers
