variable "name" {
  description = "Name of the replication group, and of what belongs to it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,39}$", var.name)) && !strcontains(var.name, "--") && !endswith(var.name, "-")
    error_message = "The name must be lower-case letters, digits and single -, 40 at most, and not end in -."
  }
}

variable "vpc_id" {
  description = "The VPC."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "A VPC's id begins with vpc-."
  }
}

variable "subnet_ids" {
  description = "The cache subnets, in two zones or more, without a route to the internet."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    error_message = "Two subnets at least, by their ids."
  }
}

variable "client_security_group_ids" {
  description = "Security groups that may connect, by what they are."
  type        = map(string)

  validation {
    condition     = length(var.client_security_group_ids) > 0 && alltrue([for id in values(var.client_security_group_ids) : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "At least one; a security group's id begins with sg-."
  }
}

variable "auth_token" {
  description = "The clients' password."
  type        = string
  sensitive   = true

  validation {
    # ElastiCache's documentation of AUTH; without its punctuation it can stand in any configuration file.
    condition     = can(regex("^[A-Za-z0-9]{32,128}$", var.auth_token))
    error_message = "32 to 128 letters and digits."
  }
}

variable "engine" {
  description = "valkey or redis."
  type        = string
  default     = "valkey"

  validation {
    condition     = contains(["valkey", "redis"], var.engine)
    error_message = "valkey or redis."
  }
}

variable "engine_version" {
  description = "Version of the engine."
  type        = string
  default     = "8.0"

  validation {
    condition     = can(regex(var.engine == "redis" ? "^7\\.[0-9]$" : "^(7\\.2|8\\.[0-9])$", var.engine_version))
    error_message = "Redis OSS 7.x, or Valkey from 7.2 on."
  }
}

variable "node_type" {
  description = "Node type."
  type        = string
  default     = "cache.m7g.large"

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.node_type))
    error_message = "A node type, as cache.m7g.large."
  }
}

variable "shards" {
  description = "How many shards the keys are spread over."
  type        = number
  default     = 3

  validation {
    condition     = var.shards >= 1 && var.shards <= 90
    error_message = "One to 90 shards."
  }
}

variable "replicas_per_shard" {
  description = "How many replicas a shard has: without one there is nothing to fail over to."
  type        = number
  default     = 1

  validation {
    condition     = var.replicas_per_shard >= 1 && var.replicas_per_shard <= 5
    error_message = "One to five replicas."
  }
}

variable "snapshot_retention_days" {
  description = "How long daily snapshots are kept."
  type        = number
  default     = 7

  validation {
    condition     = var.snapshot_retention_days >= 1 && var.snapshot_retention_days <= 35
    error_message = "One to 35 days."
  }
}

variable "notification_topic_arn" {
  description = "SNS topic that hears of failovers and of nodes that were replaced, if one is to."
  type        = string
  default     = null

  validation {
    condition     = var.notification_topic_arn == null ? true : can(regex("^arn:aws[a-z-]*:sns:", var.notification_topic_arn))
    error_message = "An SNS topic's ARN."
  }
}

variable "log_retention_days" {
  description = "How long the logs are kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "One of the retentions that CloudWatch has, a month at least."
  }
}
