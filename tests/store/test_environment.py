"""Region, address and keys are found where AWS's own clients find them, and nothing is guessed."""

from __future__ import annotations

import http.server
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore.regions import EndpointResolver

from store.environment import (
    Address,
    EndpointError,
    Identity,
    NoCredentialsError,
    NoRegionError,
    address,
    region,
)
from store.signing import Credentials

AT_HOME = {"AWS_REGION": "us-east-1"}
PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-eusc")
THEIRS = EndpointResolver(botocore.session.Session().get_data("endpoints"))
REGIONS = [
    name
    for partition in PARTITIONS
    for name in THEIRS.get_available_endpoints("dynamodb", partition, allow_non_regional=False)
]


@pytest.mark.parametrize("name", [*REGIONS, "eusc-de-east-1"])
def test_every_region_has_the_address_that_botocore_gives_it(name: str) -> None:
    theirs = THEIRS.construct_endpoint("dynamodb", name)["hostname"]
    assert address({"AWS_REGION": name}) == Address(theirs, 443, tls=True)


def test_the_regions_above_are_really_read() -> None:
    assert {"us-east-1", "eu-west-1", "us-west-2", "ap-northeast-1", "cn-north-1", "us-gov-west-1"} <= set(REGIONS)


@pytest.mark.parametrize("name", ["", "us-east-1.evil.example/", "us_east_1", "US-EAST-1", "us-east-1\n", "-", "local"])
def test_what_is_no_region_becomes_no_host(name: str) -> None:
    with pytest.raises(NoRegionError):
        region({"AWS_REGION": name})
    with pytest.raises(NoRegionError):
        address({"AWS_REGION": name})


def test_either_variable_names_the_region() -> None:
    assert region({"AWS_DEFAULT_REGION": "eu-west-1"}) == "eu-west-1"
    assert region({"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "eu-west-1"}) == "us-west-2"


@pytest.mark.parametrize(
    ("url", "expected", "header"),
    [
        ("http://127.0.0.1:8000", Address("127.0.0.1", 8000, tls=False), "127.0.0.1:8000"),
        ("http://localhost/", Address("localhost", 80, tls=False), "localhost"),
        ("http://[::1]:8000", Address("::1", 8000, tls=False), "[::1]:8000"),
        ("https://dynamodb.example.com", Address("dynamodb.example.com", 443, tls=True), "dynamodb.example.com"),
        ("https://vpce-1.example.com:8443/", Address("vpce-1.example.com", 8443, tls=True), "vpce-1.example.com:8443"),
    ],
)
def test_another_address_may_be_named(url: str, expected: Address, header: str) -> None:
    for environ in ({"AWS_ENDPOINT_URL_DYNAMODB": url, "AWS_ENDPOINT_URL": "http://x"}, {"AWS_ENDPOINT_URL": url}):
        assert address(environ) == expected
        assert address(environ).header == header
    ignored = {"AWS_ENDPOINT_URL": url, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", **AT_HOME}
    assert address(ignored).host == "dynamodb.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    "url",
    [
        "http://dynamodb.us-east-1.amazonaws.com",
        "http://10.0.0.1:8000",
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example",
        "https://user:secret@example.com",
        "https://example.com/path",
        "https://example.com/?query",
        "https://example.com/#fragment",
        "https://example.com:port",
        "https://[::1",
        "https://",
        "ftp://127.0.0.1",
        "127.0.0.1:8000",
    ],
)
def test_nothing_goes_unencrypted_elsewhere_and_nothing_odd_is_an_address(url: str) -> None:
    with pytest.raises(EndpointError) as raised:
        address({"AWS_ENDPOINT_URL_DYNAMODB": url, **AT_HOME})
    assert not raised.value.args


def test_keys_are_read_anew_for_every_request() -> None:
    """A process restored from a snapshot has other keys than the one that was stored."""
    environ = {"AWS_ACCESS_KEY_ID": "one", "AWS_SECRET_ACCESS_KEY": "1"}
    identity = Identity()
    assert identity.credentials(environ) == Credentials("one", "1")
    environ |= {"AWS_ACCESS_KEY_ID": "two", "AWS_SESSION_TOKEN": "token"}
    assert identity.credentials(environ) == Credentials("two", "1", "token")


@pytest.fixture
def container() -> Iterator[str]:
    """The address at which a container's keys are, as with SnapStart."""

    class Keys(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"no"
            if self.headers["Authorization"] == "let me in":
                body = json.dumps(
                    {
                        "AccessKeyId": "from the container",
                        "SecretAccessKey": "secret",
                        "Token": "token",
                        "Expiration": "2999-01-01T00:00:00Z",
                    }
                ).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Keys) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/keys"
        server.shutdown()


def test_a_process_without_keys_gets_them_from_its_container(container: str, aws: pytest.MonkeyPatch) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html"""
    aws.delenv("AWS_ACCESS_KEY_ID")
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    aws.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", container)
    aws.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in")
    assert Identity().credentials({}) == Credentials("from the container", "secret", "token")


def test_a_profile_of_ones_own_computer_will_do(tmp_path: Path, aws: pytest.MonkeyPatch) -> None:
    aws.delenv("AWS_ACCESS_KEY_ID")
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = mine\naws_secret_access_key = secret\n")
    aws.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    assert Identity().credentials({}) == Credentials("mine", "secret")


@pytest.mark.parametrize("environ", [{}, {"AWS_ACCESS_KEY_ID": "half"}, {"AWS_SECRET_ACCESS_KEY": "half"}])
def test_without_any_keys_there_is_no_request(environ: dict[str, str], aws: pytest.MonkeyPatch) -> None:
    aws.delenv("AWS_ACCESS_KEY_ID")
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NoCredentialsError):
        Identity().credentials(environ)


def test_where_botocore_is_not_installed_there_are_no_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    with pytest.raises(NoCredentialsError):
        Identity().credentials({})
