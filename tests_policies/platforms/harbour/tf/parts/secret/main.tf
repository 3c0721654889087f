terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.23, < 7.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }
}

resource "random_password" "made" {
  length  = 48
  special = false
}

resource "aws_secretsmanager_secret" "it" {
  name       = var.name
  kms_key_id = var.key
}

resource "aws_secretsmanager_secret_version" "it" {
  secret_id     = aws_secretsmanager_secret.it.id
  secret_string = jsonencode({ user = var.user, password = random_password.made.result })
}
