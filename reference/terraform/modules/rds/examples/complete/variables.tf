variable "region" {
  description = "Region of the example."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "A region's name, as ap-northeast-2."
  }
}

variable "name" {
  description = "Name of what the example makes."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "The VPC's database subnets."
  type        = list(string)
}

variable "client_security_group_ids" {
  description = "Security groups that may connect, by what they are."
  type        = map(string)
}

variable "database_secret_arn" {
  description = "ARN of the secret with the services' user and password."
  type        = string
}

variable "secrets_kms_key_arn" {
  description = "ARN of the key of that secret."
  type        = string
}
