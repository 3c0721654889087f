terraform {
  required_version = ">= 1.9.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.20"
    }
  }

  backend "s3" {
    bucket         = "ticketing-terraform-state-482915630718"
    key            = "examples/elasticache/terraform.tfstate"
    region         = "ap-northeast-2"
    encrypt        = true
    kms_key_id     = "alias/ticketing-terraform-state"
    dynamodb_table = "ticketing-terraform-lock"
  }
}

provider "aws" {
  region = var.region
}

# Made by the module secrets.
data "aws_secretsmanager_secret_version" "password" {
  secret_id = var.password_secret_name
}

module "elasticache" {
  source = "../.."

  name                      = var.name
  vpc_id                    = var.vpc_id
  subnet_ids                = var.subnet_ids
  client_security_group_ids = var.client_security_group_ids
  auth_token                = data.aws_secretsmanager_secret_version.password.secret_string
}
