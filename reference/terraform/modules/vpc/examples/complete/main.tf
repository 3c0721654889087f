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
    key            = "examples/vpc/terraform.tfstate"
    region         = "ap-northeast-2"
    encrypt        = true
    kms_key_id     = "alias/ticketing-terraform-state"
    dynamodb_table = "ticketing-terraform-lock"
  }
}

provider "aws" {
  region = var.region
}

module "vpc" {
  source = "../.."

  name       = var.name
  cidr_block = var.cidr_block
  zones      = var.zones
}
