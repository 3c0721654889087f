variable "name" {
  description = "Name of the cluster, and of what belongs to it."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{1,40}$", var.name))
    error_message = "The name must be letters, digits and -, 41 at most."
  }
}

variable "kubernetes_version" {
  description = "Kubernetes version (minor) of the control plane and of the nodes."
  type        = string

  validation {
    condition     = contains(["1.34", "1.35"], var.kubernetes_version)
    error_message = "One of the versions that EKS has in standard support, as 1.35."
  }
}

variable "subnet_ids" {
  description = "The private subnets of control plane and nodes, in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    error_message = "Two subnets at least, by their ids."
  }
}

variable "public_access_cidrs" {
  description = "Networks that may reach the API over the internet; with none it has no public endpoint."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for block in var.public_access_cidrs : can(cidrhost(block, 0)) && tonumber(split("/", block)[1]) >= 16])
    error_message = "CIDR blocks of /16 or narrower: not the whole internet."
  }
}

variable "api_client_security_group_ids" {
  description = "Security groups within the VPC that may call the API, by what they are: a bastion, a pipeline's runners."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for id in values(var.api_client_security_group_ids) : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "A security group's id begins with sg-."
  }
}

variable "administrator_role_arns" {
  description = "IAM roles that administer the cluster, by what they are."
  type        = map(string)

  validation {
    condition     = length(var.administrator_role_arns) > 0 && alltrue([for arn in values(var.administrator_role_arns) : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", arn))])
    error_message = "At least one role: whoever makes the cluster is no administrator of it."
  }
}

variable "node_instance_types" {
  description = "Instance types of the nodes, all of one size."
  type        = list(string)
  default     = ["m7i.xlarge", "m7a.xlarge", "m6i.xlarge"]

  validation {
    condition     = length(var.node_instance_types) > 0
    error_message = "At least one type."
  }
}

variable "node_count" {
  description = "How many nodes there are at least and at most."
  type        = object({ min = number, max = number })
  default     = { min = 6, max = 18 }

  validation {
    condition     = var.node_count.min >= 2 && var.node_count.max >= var.node_count.min
    error_message = "Two nodes at least, and no fewer at most than at least."
  }
}

variable "node_disk_gib" {
  description = "Disk of a node, in GiB."
  type        = number
  default     = 80

  validation {
    condition     = var.node_disk_gib >= 20 && var.node_disk_gib <= 16384
    error_message = "Between 20 GiB and what a gp3 disk can have."
  }
}

variable "log_retention_days" {
  description = "How long the control plane's log is kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "One of the retentions that CloudWatch has, a month at least."
  }
}
