"""AWS' signature version 4, checked: that a request was signed with the secret and the session token that belong to its key."""

import datetime
import hashlib
import hmac
import re
import urllib.parse


def access_key(headers) -> str:
    found = re.search(r"Credential=([^/]+)/", headers.get("Authorization", ""))
    return found[1] if found else ""


def problem(method: str, path: str, query: str, headers, body: bytes, credentials: dict) -> str | None:
    """Why a request is refused, or None."""
    form = r"AWS4-HMAC-SHA256 Credential=[^/]+/(\d{8}/[^/]+/[^/]+/aws4_request), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})"
    found = re.fullmatch(form, headers.get("Authorization", ""))
    if not found:
        return "no signature of version 4"
    scope, names, signature = found.groups()
    if headers.get("X-Amz-Security-Token") != credentials["Token"]:
        return "the session token is not that of the access key"
    stamp = headers["X-Amz-Date"]
    at = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    if abs((datetime.datetime.now(datetime.timezone.utc) - at).total_seconds()) > 900:
        return "signed at another time"
    actual = hashlib.sha256(body).hexdigest()
    digest = headers.get("X-Amz-Content-SHA256", actual)
    if digest not in (actual, "UNSIGNED-PAYLOAD"):
        return "the body is not the one that was signed"
    pairs = sorted(tuple(_encode(part) for part in one.partition("=")[::2]) for one in query.split("&") if one)
    canonical = "\n".join([
        method, _encode(path, "/"), "&".join(f"{name}={value}" for name, value in pairs),
        "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names.split(";")), names, digest])
    key = ("AWS4" + credentials["SecretAccessKey"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    if not hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), signature):
        return "the signature is not that of the request"
    return None


def _encode(text: str, safe: str = "") -> str:
    return urllib.parse.quote(urllib.parse.unquote(text), safe=safe + "-_.~")
