"""What is held against Terraform: which requirement a field belongs to, what stands where nothing is stated, and how blocks are told apart."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a field is of: each kind is a requirement of its own."""

    QUEUE = "queue"
    POLICY = "policy"
    ALARM = "alarm"
    FUNCTION = "function"
    MAPPING = "mapping"
    DISTRIBUTION = "distribution"
    EDGE_POLICY = "edge policy"
    LOG = "log"
    SECRET = "secret"  # noqa: S105 (a kind)
    REST = "rest"


_KINDS = {
    **dict.fromkeys(
        ("aws_sqs_queue", "aws_sqs_queue_redrive_policy", "aws_sqs_queue_redrive_allow_policy"), Kind.QUEUE
    ),
    **dict.fromkeys(
        (
            "aws_cloudwatch_metric_alarm",
            "aws_cloudwatch_composite_alarm",
            "aws_sns_topic",
            "aws_sns_topic_subscription",
        ),
        Kind.ALARM,
    ),
    **dict.fromkeys(("aws_lambda_function", "aws_lambda_alias"), Kind.FUNCTION),
    "aws_lambda_event_source_mapping": Kind.MAPPING,
    "aws_cloudfront_distribution": Kind.DISTRIBUTION,
    **dict.fromkeys(
        (
            "aws_cloudfront_cache_policy",
            "aws_cloudfront_origin_request_policy",
            "aws_cloudfront_response_headers_policy",
        ),
        Kind.EDGE_POLICY,
    ),
    "aws_cloudwatch_log_group": Kind.LOG,
    **dict.fromkeys(("aws_secretsmanager_secret", "aws_secretsmanager_secret_rotation"), Kind.SECRET),
}

POLICIES = frozenset(("policy", "assume_role_policy"))
"""Attributes that hold a policy document."""


def kind_of(type: str, attribute: str) -> Kind:
    """Give the kind of a field of a type of resource."""
    return Kind.POLICY if attribute in POLICIES else _KINDS.get(type, Kind.REST)


LEFT_OUT = frozenset(
    (
        *("id", "name_prefix", "bucket_prefix", "identifier_prefix", "cluster_identifier_prefix", "region"),
        *("provider", "depends_on", "lifecycle", "count", "for_each", "timeouts"),
        *("tags", "tags_all", "publish", "filename", "force_destroy", "skip_destroy", "vpc_id"),
    )
)  # fmt: skip
"""What says how Terraform works, or by what a resource was found; a group's VPC cannot change."""

_NOTHING: Any = ()

DEFAULTS: dict[str, dict[str, Any]] = {
    "aws_sqs_queue": {
        "delay_seconds": 0, "visibility_timeout_seconds": 30, "message_retention_seconds": 345600, "receive_wait_time_seconds": 0,
        "fifo_queue": False, "content_based_deduplication": False, "kms_master_key_id": None,
        "policy": None, "redrive_policy": None, "redrive_allow_policy": None,
    },
    "aws_sns_topic": {"kms_master_key_id": None, "fifo_topic": False},
    "aws_cloudwatch_metric_alarm": {
        "actions_enabled": True, "treat_missing_data": "missing", "alarm_actions": None, "ok_actions": None,
        "insufficient_data_actions": None, "dimensions": None, "metric_query": _NOTHING,
    },
    "aws_cloudwatch_composite_alarm": {"actions_enabled": True, "alarm_actions": None, "ok_actions": None},
    "aws_cloudwatch_log_group": {"retention_in_days": 0, "kms_key_id": None},
    "aws_lambda_function": {
        "timeout": 3, "memory_size": 128, "reserved_concurrent_executions": -1, "architectures": ["x86_64"], "kms_key_arn": None,
        "layers": None, "environment": _NOTHING, "vpc_config": _NOTHING, "dead_letter_config": _NOTHING,
    },
    "aws_lambda_event_source_mapping": {
        "enabled": True, "function_response_types": None, "maximum_batching_window_in_seconds": 0, "scaling_config": _NOTHING,
        "filter_criteria": _NOTHING,
    },
    "aws_cloudfront_distribution": {
        "web_acl_id": None, "aliases": None, "origin_group": _NOTHING, "ordered_cache_behavior": _NOTHING,
        "custom_error_response": _NOTHING, "logging_config": _NOTHING, "default_root_object": None, "is_ipv6_enabled": False,
        "http_version": "http2",
    },
    "default_cache_behavior": {"lambda_function_association": _NOTHING, "function_association": _NOTHING,
                               "origin_request_policy_id": None, "response_headers_policy_id": None, "compress": False},
    "ordered_cache_behavior": {"lambda_function_association": _NOTHING, "function_association": _NOTHING,
                               "origin_request_policy_id": None, "response_headers_policy_id": None, "compress": False},
    "origin": {"custom_header": _NOTHING, "origin_path": None, "origin_access_control_id": None},
    "aws_kms_key": {"is_enabled": True, "enable_key_rotation": False},
    "aws_secretsmanager_secret": {"kms_key_id": None},
    "aws_iam_role": {"permissions_boundary": None, "max_session_duration": 3600},
    "aws_db_instance": {"publicly_accessible": False, "deletion_protection": False, "storage_encrypted": False},
    "aws_rds_cluster": {"deletion_protection": False},
    "aws_rds_cluster_instance": {"publicly_accessible": False},
    "aws_db_proxy": {"require_tls": False, "debug_logging": False},
    "aws_elasticache_replication_group": {"automatic_failover_enabled": False, "multi_az_enabled": False},
    "aws_subnet": {"map_public_ip_on_launch": False},
    "aws_s3_bucket_public_access_block": {
        "block_public_acls": False, "block_public_policy": False, "ignore_public_acls": False, "restrict_public_buckets": False,
    },
}  # fmt: skip
"""What Terraform makes of an attribute that is not stated, by type of resource or nested block (registry.terraform.io, hashicorp/aws).

One that is left to AWS then is not here.
"""

ELSEWHERE = {
    ("aws_sqs_queue", "policy"): ("aws_sqs_queue_policy", "queue_url"),
    ("aws_sqs_queue", "redrive_policy"): ("aws_sqs_queue_redrive_policy", "queue_url"),
    ("aws_sqs_queue", "redrive_allow_policy"): ("aws_sqs_queue_redrive_allow_policy", "queue_url"),
    ("aws_secretsmanager_secret", "rotation_enabled"): ("aws_secretsmanager_secret_rotation", "secret_id"),
}
"""Attributes that another type of resource may state, and by which of its own it says for whom."""

KEYS = ("origin_id", "event_type", "error_code", "name", "header", "id")
"""By what blocks of which there are several are told apart, where all have it."""

ORDERED = frozenset(("ordered_cache_behavior", "member"))
"""Blocks whose order counts."""
