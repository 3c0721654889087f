terraform {
  required_version = ">= 1.9.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.20"
    }

    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }

  backend "s3" {
    bucket         = "ticketing-terraform-state-482915630718"
    key            = "examples/secrets/terraform.tfstate"
    region         = "ap-northeast-2"
    encrypt        = true
    kms_key_id     = "alias/ticketing-terraform-state"
    dynamodb_table = "ticketing-terraform-lock"
  }
}

provider "aws" {
  region = var.region
}

module "secrets" {
  source = "../.."

  prefix            = var.name
  database_username = var.database_username
}
