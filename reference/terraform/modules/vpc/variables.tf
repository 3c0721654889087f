variable "name" {
  description = "Name of the VPC, and of what belongs to it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,40}$", var.name))
    error_message = "The name must be lower-case letters, digits and -, 41 at most."
  }
}

variable "cidr_block" {
  description = "Addresses of the VPC."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr_block, 0)) && can(regex("^(10|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\..*/(1[6-9]|2[0-8])$", var.cidr_block))
    error_message = "A private IPv4 block (RFC 1918) of /16 to /28."
  }
}

variable "zones" {
  description = "Availability zones; each tier has a subnet in each."
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 4 && length(distinct(var.zones)) == length(var.zones)
    error_message = "Two to four zones, none twice."
  }

  validation {
    condition     = alltrue([for zone in var.zones : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$", zone))]) && length(distinct([for zone in var.zones : substr(zone, 0, length(zone) - 1)])) == 1
    error_message = "Zones of one region, as ap-northeast-2a."
  }
}

variable "tiers" {
  description = "Each tier's block within the VPC, as cidrsubnet takes it: newbits more than the VPC's prefix, the netnum-th of those."
  type        = map(object({ newbits = number, netnum = number }))
  default = {
    endpoints = { newbits = 4, netnum = 0 }
    public    = { newbits = 6, netnum = 16 }
    internal  = { newbits = 6, netnum = 17 }
    db        = { newbits = 6, netnum = 20 }
    cache     = { newbits = 6, netnum = 21 }
    streaming = { newbits = 6, netnum = 22 }
    app       = { newbits = 2, netnum = 2 }
  }

  validation {
    condition     = length(setsubtract(["endpoints", "public", "internal", "app", "db", "cache", "streaming"], keys(var.tiers))) == 0
    error_message = "The tiers endpoints, public, internal, app, db, cache and streaming must all be there."
  }

  validation {
    # Of any two, one ends before the other begins, counted in the 65536th parts of the VPC.
    condition = alltrue([
      for pair in setproduct(keys(var.tiers), keys(var.tiers)) : pair[0] == pair[1] ||
      (var.tiers[pair[0]].netnum + 1) * pow(2, 16 - var.tiers[pair[0]].newbits) <= var.tiers[pair[1]].netnum * pow(2, 16 - var.tiers[pair[1]].newbits) ||
      (var.tiers[pair[1]].netnum + 1) * pow(2, 16 - var.tiers[pair[1]].newbits) <= var.tiers[pair[0]].netnum * pow(2, 16 - var.tiers[pair[0]].newbits)
    ])
    error_message = "Two tiers overlap."
  }
}

variable "interface_endpoints" {
  description = "AWS services that have an interface endpoint, by the last part of their name."
  type        = set(string)
  default     = ["sqs", "sts", "secretsmanager", "ecr.api", "ecr.dkr", "ec2", "logs", "kms", "elasticloadbalancing", "eks"]

  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z0-9.-]+$", service)) && service != "s3"])
    error_message = "A service's name, as ecr.api; S3 has a gateway endpoint of its own here."
  }
}

variable "log_retention_days" {
  description = "How long the flow log is kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "One of the retentions that CloudWatch has, a month at least."
  }
}
