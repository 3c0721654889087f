variable "region" {
  description = "Region of the example."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "A region's name, as ap-northeast-2."
  }
}

variable "name" {
  description = "What the secrets' names begin with."
  type        = string
}

variable "database_username" {
  description = "The services' user of the database."
  type        = string
}
