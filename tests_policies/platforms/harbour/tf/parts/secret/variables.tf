variable "name" {
  type        = string
  description = "Name of the secret."
}

variable "key" {
  type        = string
  description = "ARN of the key that encrypts it."
}

variable "user" {
  type        = string
  description = "Whose password it is."
}
