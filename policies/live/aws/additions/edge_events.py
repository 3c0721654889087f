"""A viewer's request as CloudFront Functions and as Lambda@Edge each see it ("Lambda@Edge event structure", Amazon CloudFront Developer Guide)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote


def to_edge(event: dict[str, Any]) -> dict[str, Any]:
    """Give the event of a CloudFront Function as one of Lambda@Edge."""
    context, request = event["context"], event["request"]
    headers = _headers_to_edge(request["headers"])
    cookies = "; ".join(
        f"{name}={one['value']}"
        for name, found in (request.get("cookies") or {}).items()
        for one in found.get("multiValue") or [found]
    )
    if cookies:
        headers["cookie"] = [{"key": "Cookie", "value": cookies}]
    query = "&".join(
        f"{quote(name)}={quote(one['value'])}"
        for name, found in (request.get("querystring") or {}).items()
        for one in found.get("multiValue") or [found]
    )
    config = {name: context[name] for name in ("distributionDomainName", "distributionId", "eventType", "requestId")}
    seen = {
        "clientIp": event["viewer"]["ip"], "method": request["method"], "uri": request["uri"],
        "querystring": query, "headers": headers,
    }  # fmt: skip
    made = {"config": config, "request": seen}
    if "response" in event:
        response = event["response"]
        made["response"] = {
            "status": str(response["statusCode"]),
            "statusDescription": response.get("statusDescription", ""),
            "headers": _headers_to_edge(response["headers"]),
        }
    return {"Records": [{"cf": made}]}


def from_edge(answer: dict[str, Any]) -> dict[str, Any]:
    """Give what a handler of Lambda@Edge answered, a request or a response, as a CloudFront Function would have."""
    if "status" in answer:
        made: dict[str, Any] = {
            "statusCode": int(answer["status"]),
            "statusDescription": answer.get("statusDescription", ""),
            "headers": _headers_from_edge(answer.get("headers")),
            "cookies": {},
        }
        if "body" in answer:
            encoding = "base64" if answer.get("bodyEncoding") == "base64" else "text"
            made["body"] = {"data": answer["body"], "encoding": encoding}
        return made
    cookies: dict[str, Any] = {}
    for line in (answer.get("headers") or {}).get("cookie", []):
        for pair in line["value"].split(";"):
            name, _, value = pair.strip().partition("=")
            known = cookies.setdefault(name, {"value": value, "multiValue": []})
            known["multiValue"].append({"value": value})
    return {
        "method": answer["method"],
        "uri": answer["uri"],
        "querystring": answer.get("querystring", ""),
        "headers": _headers_from_edge(answer.get("headers")),
        "cookies": cookies,
    }


def _headers_to_edge(headers: dict[str, Any] | None) -> dict[str, Any]:
    return {
        name: [
            {"key": "-".join(part.capitalize() for part in name.split("-")), "value": one["value"]}
            for one in found.get("multiValue") or [found]
        ]
        for name, found in (headers or {}).items()
    }


def _headers_from_edge(headers: dict[str, Any] | None) -> dict[str, Any]:
    made = {}
    for name, lines in (headers or {}).items():
        if lines and name.lower() != "cookie":
            values = [{"value": one["value"]} for one in lines]
            made[name.lower()] = values[0] if len(values) == 1 else {**values[0], "multiValue": values}
    return made
