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

variable "cidr_block" {
  description = "Addresses of the VPC."
  type        = string
}

variable "zones" {
  description = "Availability zones."
  type        = list(string)
}
