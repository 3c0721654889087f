variable "kubernetes" {
  type        = string
  description = "Minor version of the cluster."
}

variable "offices" {
  type        = list(string)
  description = "Networks that may call the cluster's API."
}

variable "cache_password" {
  type        = string
  description = "Password of the tickets' cache, as the secret has it."
  sensitive   = true
}
