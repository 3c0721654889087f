variable "prefix" {
  description = "What the secrets' names begin with, before a slash."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,40}$", var.prefix))
    error_message = "The prefix must be lower-case letters, digits and -, 41 at most."
  }
}

variable "database_username" {
  description = "The services' user of the database."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.database_username)) && !contains(["admin", "postgres", "root"], var.database_username)
    error_message = "Lower-case letters, digits and _, and none of the names that everybody tries."
  }
}

variable "recovery_window_in_days" {
  description = "How long a deleted secret can be brought back."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_window_in_days >= 7 && var.recovery_window_in_days <= 30
    error_message = "Secrets Manager takes 7 to 30 days; 0 would delete at once."
  }
}
