variable "name" {
  description = "Name of the database instance, of the proxy, and of what belongs to them."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,40}$", var.name)) && !strcontains(var.name, "--") && !endswith(var.name, "-")
    error_message = "The name must be lower-case letters, digits and single -, 41 at most, and not end in -."
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
  description = "The database subnets, in two zones or more, without a route to the internet."
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

variable "engine_version" {
  description = "Version of PostgreSQL; with the major alone RDS takes the newest minor."
  type        = string
  default     = "17"

  validation {
    condition     = can(regex("^1[5-8](\\.[0-9]+)?$", var.engine_version))
    error_message = "PostgreSQL 15 to 18, as 17 or 17.6."
  }
}

variable "instance_class" {
  description = "Instance class of the database."
  type        = string
  default     = "db.m7g.xlarge"

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "An instance class, as db.m7g.xlarge."
  }
}

variable "database_name" {
  description = "Name of the database within the instance."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_]{0,62}$", var.database_name))
    error_message = "Letters, digits and _, 63 at most, the first a letter."
  }
}

variable "master_username" {
  description = "Name of the user who owns the database; the services have users of their own."
  type        = string
  default     = "owner"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.master_username)) && !contains(["admin", "postgres", "rdsadmin"], var.master_username)
    error_message = "Lower-case letters, digits and _, and none of the names that everybody tries, or RDS has for itself."
  }
}

variable "allocated_storage_gib" {
  description = "Storage to begin with, in GiB."
  type        = number
  default     = 200

  validation {
    condition     = var.allocated_storage_gib >= 20 && var.allocated_storage_gib <= 65536
    error_message = "Between 20 and 65536 GiB."
  }
}

variable "max_allocated_storage_gib" {
  description = "Storage to which RDS lets it grow, in GiB."
  type        = number
  default     = 1000

  validation {
    # RDS' documentation: a tenth more at least.
    condition     = var.max_allocated_storage_gib >= var.allocated_storage_gib * 1.1
    error_message = "A tenth more than it begins with, at least."
  }
}

variable "backup_retention_days" {
  description = "How far back the database can be brought to any second."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35
    error_message = "A week at least; RDS takes 35 days at most."
  }
}

variable "proxy" {
  description = "The proxy, if there is to be one: the secrets with its clients' passwords, and the key of these secrets."
  type = object({
    secret_arns        = list(string)
    secret_kms_key_arn = string
  })
  default = null

  validation {
    condition     = var.proxy == null ? true : length(var.proxy.secret_arns) > 0 && alltrue([for arn in var.proxy.secret_arns : can(regex("^arn:aws[a-z-]*:secretsmanager:", arn))])
    error_message = "At least one secret, by its ARN."
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
