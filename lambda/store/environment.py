"""What the environment says of AWS: in which region we are, where its DynamoDB is, and who asks.

The names are those that AWS's own clients read. They are read for every request: a process that was restored from a
snapshot has other keys than the one that was stored.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from record import Record

from .signing import Credentials

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")  # it becomes part of a host's name
# By how a region begins; elsewhere it is amazonaws.com. Regions that are cut off from the internet are not known here.
# https://docs.aws.amazon.com/general/latest/gr/ddb.html
_DOMAINS = {"cn": "amazonaws.com.cn", "eusc": "amazonaws.eu"}
_HERE = ("localhost", "127.0.0.1", "::1")


class NoRegionError(Exception):
    """AWS_REGION is missing, or is no region."""


class EndpointError(Exception):
    """AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL is not a plain address, or not encrypted on its way elsewhere."""


class NoCredentialsError(Exception):
    """There are no keys in the environment, and no botocore that knows others."""


class Address(Record):
    """Where a DynamoDB is. Without `tls` it is on this computer."""

    host: str
    port: int
    tls: bool

    @property
    def header(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def region(environ: Mapping[str, str]) -> str:
    """Lambda sets both variables, and boto3 reads the second one. Raises NoRegionError."""
    name = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or ""
    if not _REGION.fullmatch(name):
        raise NoRegionError
    return name


def address(environ: Mapping[str, str]) -> Address:
    """The region's own, or what the variables for another name. Raises NoRegionError or EndpointError.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    url = environ.get("AWS_ENDPOINT_URL_DYNAMODB") or environ.get("AWS_ENDPOINT_URL")
    if not url or environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        name = region(environ)
        return Address(f"dynamodb.{name}.{_DOMAINS.get(name.partition('-')[0], 'amazonaws.com')}", 443, tls=True)
    try:
        parts = urlsplit(url)
        host, port, tls = parts.hostname or "", parts.port, parts.scheme == "https"
    except ValueError:
        raise EndpointError from None
    plain = parts.path in {"", "/"} and not parts.query and not parts.fragment and parts.username is None
    if not host or not plain or not (tls or (parts.scheme == "http" and host in _HERE)):
        raise EndpointError
    return Address(host, port or (443 if tls else 80), tls)


class Identity:
    """Who asks, anew each time."""

    def __init__(self) -> None:
        self._provider: Any = None
        self._lock = threading.Lock()

    def credentials(self, environ: Mapping[str, str]) -> Credentials:
        """The keys of the environment, where Lambda puts those of the function's role; else what botocore finds.

        It is asked with SnapStart, in containers, on servers of AWS, and for a profile of somebody's own computer.
        Raises NoCredentialsError, or what botocore raises.
        """
        key, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
        if key and secret:
            return Credentials(key, secret, environ.get("AWS_SESSION_TOKEN", ""))
        with self._lock:
            if self._provider is None:
                self._provider = _provider()
            frozen = self._provider.get_frozen_credentials()  # renewed when they are about to expire
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")


def _provider() -> Any:
    """botocore's way to keys. It is Lambda's own and never in the bundle; elsewhere it may be missing."""
    try:
        from botocore.session import Session
    except ImportError:
        raise NoCredentialsError from None
    for name in ("botocore", "urllib3"):  # they log requests in full, when asked for everything
        logging.getLogger(name).setLevel(logging.WARNING)
    found = Session().get_credentials()
    if found is None:
        raise NoCredentialsError
    return found
