variable "name" {
  description = "Name of the distribution's parts."
  type        = string

  validation {
    # The access logs' bucket has it in its name.
    condition     = can(regex("^[a-z][a-z0-9-]{1,36}$", var.name))
    error_message = "The name must be lower-case letters, digits and -, 37 at most."
  }
}

variable "aliases" {
  description = "The host names that viewers use."
  type        = list(string)

  validation {
    condition     = length(var.aliases) > 0 && alltrue([for alias in var.aliases : can(regex("^(\\*\\.)?[a-z0-9-]+(\\.[a-z0-9-]+)+$", alias))])
    error_message = "At least one host name."
  }
}

variable "certificate_arn" {
  description = "ARN of the certificate for the aliases, in us-east-1."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/.+$", var.certificate_arn))
    error_message = "CloudFront takes a certificate of ACM in us-east-1 alone."
  }
}

variable "origin_domain_name" {
  description = "Host name of the load balancer, which its certificate must name."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.origin_domain_name))
    error_message = "A host name, without scheme, port and path."
  }
}

variable "origin_header_name" {
  description = "Name of the header by which the gateway knows that a request came through this distribution."
  type        = string

  validation {
    # CloudFront's documentation lists what it takes for no custom header.
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{1,255}$", var.origin_header_name)) && !can(regex("(?i)^(x-amz-|x-edge-|host$|cookie$|x-real-ip$)", var.origin_header_name))
    error_message = "A header's name, and none of those that CloudFront keeps to itself."
  }
}

variable "origin_header_value" {
  description = "Value of that header."
  type        = string
  sensitive   = true

  validation {
    # As the contract has it: a comma would make two values of it.
    condition     = can(regex("^[!-+--~]{32,256}$", var.origin_header_value))
    error_message = "32 to 256 visible characters, without a space or a comma."
  }
}

variable "queue_check_package" {
  description = "Path of the viewer-request function's zip file, built by its package.sh."
  type        = string

  validation {
    condition     = endswith(var.queue_check_package, ".zip")
    error_message = "The package must be a zip file."
  }
}

variable "static_path_patterns" {
  description = "Paths of files that have their content's hash in their names, and are kept."
  type        = list(string)
  default     = ["/assets/*"]

  validation {
    condition     = alltrue([for pattern in var.static_path_patterns : startswith(pattern, "/") && pattern != "/*" && !startswith(pattern, "/api")])
    error_message = "Patterns begin with /, and neither the pages as a whole nor the API may be kept."
  }
}

variable "content_security_policy" {
  description = "Content-Security-Policy of every answer."
  type        = string
  default     = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; upgrade-insecure-requests"

  validation {
    condition     = strcontains(var.content_security_policy, "default-src") && !strcontains(var.content_security_policy, "unsafe-eval")
    error_message = "The policy must have a default-src, and no unsafe-eval."
  }
}

variable "price_class" {
  description = "Which edge locations serve."
  type        = string
  default     = "PriceClass_200"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "allowed_countries" {
  description = "Countries (ISO 3166, two letters) that are served; all, when there are none."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for country in var.allowed_countries : can(regex("^[A-Z]{2}$", country))])
    error_message = "Two capital letters for each country."
  }
}

variable "rate_limit" {
  description = "How many requests an address may send in five minutes."
  type        = number
  default     = 3000

  validation {
    condition     = var.rate_limit >= 100 && var.rate_limit <= 2000000000
    error_message = "WAF takes 100 at least."
  }
}

variable "secret_headers" {
  description = "Headers, in lower case, that WAF's log leaves out: what is in them lets somebody in."
  type        = list(string)
  default     = ["authorization", "cookie", "x-queue-entry-token"]

  validation {
    condition     = alltrue([for header in var.secret_headers : header == lower(header)]) && contains(var.secret_headers, "cookie")
    error_message = "In lower case, and the cookie among them."
  }
}

variable "log_retention_days" {
  description = "How long access, WAF and function logs are kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "One of the retentions that CloudWatch has, a month at least."
  }
}

variable "server_error_alarm_percent" {
  description = "Share of server errors above which somebody is called."
  type        = number
  default     = 2

  validation {
    condition     = var.server_error_alarm_percent > 0 && var.server_error_alarm_percent < 100
    error_message = "A share in percent."
  }
}

variable "alarm_topic_arns" {
  description = "SNS topics in us-east-1 that the alarm calls, and tells when all is well again."
  type        = list(string)

  validation {
    condition     = length(var.alarm_topic_arns) > 0
    error_message = "An alarm that calls nobody is none."
  }
}
