variable "name" {
  description = "Name of the queue; a FIFO queue's ends in .fifo."
  type        = string

  validation {
    # Room for -dlq before .fifo within SQS' 80 characters.
    condition     = can(regex("^[A-Za-z0-9_-]{1,71}\\.fifo$", var.name))
    error_message = "The name must be letters, digits, - and _, 71 at most, and end in .fifo."
  }
}

variable "consumer_timeout_seconds" {
  description = "Timeout of the function that takes the messages; a message stays invisible for six times as long."
  type        = number

  validation {
    condition     = var.consumer_timeout_seconds >= 1 && var.consumer_timeout_seconds <= 900
    error_message = "A function's timeout is between 1 and 900 seconds."
  }
}

variable "max_receive_count" {
  description = "How often a message is delivered before it goes to the dead-letter queue."
  type        = number
  default     = 5

  validation {
    condition     = var.max_receive_count >= 2 && var.max_receive_count <= 10
    error_message = "One delivery makes every disturbance a dead letter; after ten the message group has waited long enough."
  }
}

variable "message_retention_seconds" {
  description = "How long a message may wait in the queue; the dead-letter queue keeps it 14 days."
  type        = number
  default     = 345600

  validation {
    condition     = var.message_retention_seconds >= 3600 && var.message_retention_seconds <= 1209600
    error_message = "Between an hour and SQS' most, 14 days."
  }
}

variable "oldest_message_alarm_seconds" {
  description = "How long the oldest message may have waited before somebody is called."
  type        = number
  default     = 300

  validation {
    condition     = var.oldest_message_alarm_seconds >= 60 && var.oldest_message_alarm_seconds < var.message_retention_seconds
    error_message = "At least a minute, and less than a message is kept."
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

variable "kms_deletion_window_in_days" {
  description = "How long the key can be brought back after it was deleted."
  type        = number
  default     = 30

  validation {
    condition     = var.kms_deletion_window_in_days >= 7 && var.kms_deletion_window_in_days <= 30
    error_message = "KMS takes 7 to 30 days."
  }
}
