"""Policies that AWS keeps for functions of Lambda, by what they allow on every resource (AWS Managed Policy Reference; the versions are its defaults)."""

from __future__ import annotations

_LOGGING = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_ATTACHING = tuple(
    f"ec2:{name}"
    for name in (
        *("CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface"),
        *("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"),
    )
)

GRANTED = {
    "service-role/AWSLambdaBasicExecutionRole": frozenset(_LOGGING),  # v1
    "service-role/AWSLambdaVPCAccessExecutionRole": frozenset((*_LOGGING, *_ATTACHING, "ec2:DescribeSubnets")),  # v3
    "service-role/AWSLambdaENIManagementAccess": frozenset(_ATTACHING),  # v2
    "service-role/AWSLambdaSQSQueueExecutionRole": frozenset(
        (*_LOGGING, "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
    ),  # v1
    "AWSXRayDaemonWriteAccess": frozenset(
        f"xray:{name}"
        for name in (
            *("PutTraceSegments", "PutTelemetryRecords"),
            *("GetSamplingRules", "GetSamplingTargets", "GetSamplingStatisticSummaries"),
        )
    ),  # v2
}
"""The actions of each; no other policy of AWS is known here."""
