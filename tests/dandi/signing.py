"""Presigned URLs as S3 knows them: version 4 of AWS's signatures, in the query."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_ID = "AKIADOUBLEEXAMPLE"
SECRET = "double/secret/of/the/bucket"
_REGION = "us-east-2"


def presign(
    method: str,
    host: str,
    path: str,
    *,
    now: float,
    seconds: int,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> str:
    """A URL that lets whoever has it make one kind of request, for some time.

    ``headers`` are signed, too: the request must carry them with these values.
    """
    when = dt.datetime.fromtimestamp(now, dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    signed = {"host": host, **(headers or {})}
    parameters = {
        **(query or {}),
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{KEY_ID}/{when[:8]}/{_REGION}/s3/aws4_request",
        "X-Amz-Date": when,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": ";".join(sorted(signed)),
    }
    signature = _signature(method, path, parameters, signed)
    return f"http://{host}{path}?{_spelt(parameters)}&X-Amz-Signature={signature}"


def refusal(
    method: str, path: str, query: str, headers: Mapping[str, str], now: float
) -> tuple[str, str] | None:
    """Why a signed request is refused, as S3's code and message; None if it is not."""
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    given = parameters.pop("X-Amz-Signature", "")
    try:
        signed_at = dt.datetime.strptime(parameters["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z").timestamp()
        end = signed_at + int(parameters["X-Amz-Expires"])
        names = parameters["X-Amz-SignedHeaders"].split(";")
    except (KeyError, ValueError):
        return "AuthorizationQueryParametersError", "Query-string authentication needs all of its parameters."
    if now >= end:
        return "AccessDenied", "Request has expired"
    signed = {name: headers.get(name, "") for name in names}
    if not hmac.compare_digest(_signature(method, path, parameters, signed), given):
        return (
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        )
    return None


def _signature(method: str, path: str, parameters: Mapping[str, str], headers: Mapping[str, str]) -> str:
    canonical = "\n".join(
        [
            method,
            path,
            _spelt(parameters),
            *(f"{name}:{headers[name].strip()}" for name in sorted(headers)),
            "",
            ";".join(sorted(headers)),
            "UNSIGNED-PAYLOAD",
        ]
    )
    when = parameters["X-Amz-Date"]
    scope = f"{when[:8]}/{_REGION}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", when, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _spelt(parameters: Mapping[str, str]) -> str:
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in parameters.items()
    )
    return "&".join(f"{name}={value}" for name, value in pairs)
