"""Our signature is AWS's: as AWS published examples of it, and as AWS's own client makes it."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import itertools
import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Theirs

from store.signing import Credentials, signed

MOMENT = "20150830T123600Z"
HOST = {"Host": "example.amazonaws.com"}
FORM = "application/x-www-form-urlencoded"
# An invented token, as in AWS's "Signature Version 4 test suite", whose POST examples these are:
# https://github.com/awslabs/aws-c-auth/tree/main/tests/aws-signing-test-suite
TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthA"
    "x7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY"
    "9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)


@pytest.mark.parametrize(
    ("headers", "body", "token", "names", "signature"),
    [
        ({}, b"", "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            {"My-Header1": "value1"},
            b"",
            "",
            "host;my-header1;x-amz-date",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ),
        (
            {"My-Header1": "VALUE1"},
            b"",
            "",
            "host;my-header1;x-amz-date",
            "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
        ),
        (
            {},
            b"",
            TOKEN,
            "host;x-amz-date;x-amz-security-token",
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
        ),
        (
            {"Content-Type": FORM},
            b"Param1=value1",
            "",
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
        (
            {"Content-Type": f"{FORM}; charset=utf8"},
            b"Param1=value1",
            "",
            "content-type;host;x-amz-date",
            "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
        ),
    ],
    ids=["vanilla", "header-key-sort", "header-value-case", "sts-header-before", "form", "form-parameters"],
)
def test_it_is_what_aws_published(headers: dict[str, str], body: bytes, token: str, names: str, signature: str) -> None:
    who = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    made = signed({**HOST, **headers}, body, who, region="us-east-1", moment=MOMENT, service="service")
    assert made["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={names}, Signature={signature}"
    )


BODIES = [
    b"",
    b"{}",
    json.dumps({"TableName": "preferences", "Key": {"person": {"S": "0" * 64}}}).encode(),
    json.dumps({"TableName": "odd.Name-of_a.table", "Item": {"at": {"N": "1"}, "pace": {"S": "Grüße, 你好"}}}).encode(),
    '{"pace": "Grüße, 你好"}'.encode(),
    bytes(range(256)) * 300,
]
KEYS = [
    Theirs("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    Theirs("ASIAEXAMPLE", "a+b/c=d e", "token/with+signs=="),
]
PLACES = [("us-east-1", "dynamodb.us-east-1.amazonaws.com"), ("cn-north-1", "127.0.0.1:8000"), ("eu-west-1", "[::1]:1")]


@pytest.mark.parametrize(("body", "theirs", "place"), list(itertools.product(BODIES, KEYS, PLACES)))
def test_it_is_what_botocore_makes(
    body: bytes, theirs: Theirs, place: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    region, host = place
    headers = {
        "Host": host,
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.GetItem",
        "X-Odd": "  two   spaces ",
    }
    moment = datetime.datetime(2026, 2, 28, 23, 59, 59, tzinfo=datetime.UTC)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: moment.replace(tzinfo=None))
    request = AWSRequest("POST", f"https://{host}/", headers=headers, data=body)
    SigV4Auth(theirs, "dynamodb", region).add_auth(request)
    who = Credentials(theirs.access_key, theirs.secret_key, theirs.token or "")
    made = signed(headers, body, who, region=region, moment="20260228T235959Z")
    assert made["Authorization"] == request.headers["Authorization"]
    assert made == {**headers, **dict(request.headers.items())}


def test_a_key_of_odd_bytes_is_no_exception_that_quotes_it() -> None:
    """The environment may hold bytes that are no UTF-8: they are signed with as they are."""
    who = Credentials("AKIDEXAMPLE", b"odd\xff".decode("utf-8", "surrogateescape"))
    made = signed({"Host": "here"}, b"", who, region="us-east-1", moment="20260228T235959Z")
    assert made["Authorization"].endswith(_signature_with(b"odd\xff", made))


def _signature_with(secret: bytes, made: dict[str, str]) -> str:
    """The same signature, with a key of bytes."""
    scope = ("20260228", "us-east-1", "dynamodb", "aws4_request")
    request = (
        f"POST\n/\n\nhost:here\nx-amz-date:{made['X-Amz-Date']}\n\nhost;x-amz-date\n{hashlib.sha256(b'').hexdigest()}"
    )
    hashed = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{made['X-Amz-Date']}\n{'/'.join(scope)}\n{hashed}"
    key = b"AWS4" + secret
    for part in (*scope, text):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def test_keys_do_not_show() -> None:
    """A traceback, a log or a failing test may print them."""
    who = Credentials("AKIDEXAMPLE", "hidden", "hidden")
    assert repr(who) == str(who) == f"{who}" == "Credentials(...)"
