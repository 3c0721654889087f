variable "name" {
  description = "Name of the function, and of what belongs to it."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,63}$", var.name))
    error_message = "The name must be letters, digits, - and _, 63 at most."
  }
}

variable "package" {
  description = "Path of the function's zip file, built by its package.sh."
  type        = string

  validation {
    condition     = endswith(var.package, ".zip")
    error_message = "The package must be a zip file."
  }
}

variable "memory_size" {
  description = "Memory of the function in MB; the processor comes with it."
  type        = number
  default     = 256

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240
    error_message = "Lambda takes 128 to 10240 MB."
  }
}

variable "timeout_seconds" {
  description = "Timeout of an invocation; the queue's visibility timeout must be six times as long."
  type        = number
  default     = 60

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "Lambda takes 1 to 900 seconds."
  }

  validation {
    # The messages of a batch may all be of one group, and are then called one after the other.
    condition     = var.timeout_seconds * 1000 > var.batch_size * var.ticket_service_timeout_ms + 1000
    error_message = "A batch whose every call takes ticket_service_timeout_ms must end within the timeout, with a second to spare."
  }
}

variable "queue_name" {
  description = "Name of the FIFO queue whose messages the function takes."
  type        = string

  validation {
    condition     = endswith(var.queue_name, ".fifo")
    error_message = "The worker keeps the order of message groups: its queue is a FIFO queue."
  }
}

variable "queue_arn" {
  description = "ARN of that queue."
  type        = string
}

variable "queue_kms_key_arn" {
  description = "ARN of the key of that queue's messages."
  type        = string
}

variable "batch_size" {
  description = "How many messages a batch has at most."
  type        = number
  default     = 10

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10
    error_message = "A batch of a FIFO queue has 1 to 10 messages."
  }
}

variable "maximum_concurrency" {
  description = "How many batches are worked off at once; what the ticket service can take."
  type        = number
  default     = 10

  validation {
    condition     = var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000
    error_message = "Lambda takes 2 to 1000."
  }
}

variable "reserved_concurrency" {
  description = "The function's share of the account's concurrency."
  type        = number
  default     = 12

  validation {
    condition     = var.reserved_concurrency >= var.maximum_concurrency
    error_message = "Below maximum_concurrency, batches would be throttled and come back as if they had failed."
  }
}

variable "ticket_service_url" {
  description = "The ticket service's internal address."
  type        = string

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", var.ticket_service_url))
    error_message = "The address must be https://host[:port], without a path: the credential is sent to it."
  }
}

variable "ticket_service_timeout_ms" {
  description = "How long a call of the ticket service may take, in milliseconds."
  type        = number
  default     = 5000

  validation {
    condition     = var.ticket_service_timeout_ms >= 100 && var.ticket_service_timeout_ms <= 60000
    error_message = "Between 100 ms and a minute."
  }
}

variable "ticket_service_cidr_blocks" {
  description = "Networks of the load balancer that the address leads to."
  type        = list(string)

  validation {
    condition     = length(var.ticket_service_cidr_blocks) > 0 && alltrue([for block in var.ticket_service_cidr_blocks : can(cidrhost(block, 0)) && !endswith(block, "/0")])
    error_message = "At least one CIDR block, and not all addresses."
  }
}

variable "vpc_endpoint_cidr_blocks" {
  description = "Networks of the VPC's interface endpoints, Secrets Manager's among them."
  type        = list(string)

  validation {
    condition     = length(var.vpc_endpoint_cidr_blocks) > 0 && alltrue([for block in var.vpc_endpoint_cidr_blocks : can(cidrhost(block, 0)) && !endswith(block, "/0")])
    error_message = "At least one CIDR block, and not all addresses."
  }
}

variable "credential_secret_arn" {
  description = "ARN of the secret with the credential that the ticket service knows the worker by."
  type        = string
}

variable "credential_kms_key_arn" {
  description = "ARN of the key of that secret."
  type        = string
}

variable "vpc_id" {
  description = "The VPC that the function is attached to."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "A VPC's id begins with vpc-."
  }
}

variable "subnet_ids" {
  description = "The private subnets that the function is attached to, in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    error_message = "Two subnets at least, by their ids."
  }
}

variable "log_retention_days" {
  description = "How long the log is kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "One of the retentions that CloudWatch has, a month at least."
  }
}

variable "alarm_topic_arns" {
  description = "SNS topics that the alarms call, and tell when all is well again."
  type        = list(string)

  validation {
    condition     = length(var.alarm_topic_arns) > 0
    error_message = "An alarm that calls nobody is none."
  }
}
