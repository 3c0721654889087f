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

variable "kubernetes_version" {
  description = "Kubernetes version (minor)."
  type        = string
}

variable "subnet_ids" {
  description = "The VPC's app subnets."
  type        = list(string)
}

variable "administrator_role_arns" {
  description = "IAM roles that administer the cluster, by what they are."
  type        = map(string)
}
