variable "region" {
  description = "Region of everything but what CloudFront takes from us-east-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "A region's name, as ap-northeast-2."
  }
}

variable "account_id" {
  description = "The account; Terraform refuses any other."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account has twelve digits."
  }
}

variable "aliases" {
  description = "The host names that viewers use."
  type        = list(string)
}

variable "certificate_arn" {
  description = "ARN of the certificate for the aliases, in us-east-1."
  type        = string
}

variable "origin_domain_name" {
  description = "Host name of the load balancer that the Ingress makes; the Ingress' certificate names it."
  type        = string
}

variable "rate_limit" {
  description = "How many requests an address may send in five minutes."
  type        = number
}

variable "purchase_queue_name" {
  description = "Name of the purchase queue: SQS_QUEUE_NAME of the cluster's configuration."
  type        = string
}

variable "worker_maximum_concurrency" {
  description = "How many batches of purchases are worked off at once."
  type        = number
}

variable "ticket_service_url" {
  description = "The ticket service's address for the worker: its internal load balancer."
  type        = string
}

variable "internal_load_balancer_cidr_blocks" {
  description = "The VPC's subnets of internal load balancers."
  type        = list(string)
}

variable "vpc_endpoint_cidr_blocks" {
  description = "The VPC's subnets of interface endpoints."
  type        = list(string)
}

variable "internal_api_token_secret_name" {
  description = "Name of the secret with the services' credential among themselves: INTERNAL_API_TOKEN of the cluster."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "app_subnet_ids" {
  description = "The VPC's private subnets, one a zone, for the worker."
  type        = list(string)
}

variable "cluster_oidc_issuer" {
  description = "Issuer of the cluster's service account tokens, without https://."
  type        = string

  validation {
    condition     = can(regex("^oidc\\.eks\\.[a-z0-9-]+\\.amazonaws\\.com/id/[0-9A-F]{32}$", var.cluster_oidc_issuer))
    error_message = "As oidc.eks.REGION.amazonaws.com/id/ and 32 hexadecimal digits."
  }
}

variable "alarm_addresses" {
  description = "Mail addresses that alarms are sent to."
  type        = list(string)

  validation {
    condition     = length(var.alarm_addresses) > 0 && alltrue([for address in var.alarm_addresses : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "At least one mail address: an alarm that calls nobody is none."
  }
}
