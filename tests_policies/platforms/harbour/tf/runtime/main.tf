terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.20"
    }
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.7"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
    tls = {
      source  = "hashicorp/tls"
      version = "~> 4.0"
    }
  }

  backend "s3" {
    bucket         = "harbour-state-206318840177"
    key            = "runtime.tfstate"
    region         = "eu-north-1"
    encrypt        = true
    dynamodb_table = "harbour-locks"
  }
}

provider "aws" {
  region = "eu-north-1"
}

data "aws_caller_identity" "me" {}

data "terraform_remote_state" "network" {
  backend = "s3"

  config = {
    bucket = "harbour-state-206318840177"
    key    = "network.tfstate"
    region = "eu-north-1"
  }
}

locals {
  subnets = data.terraform_remote_state.network.outputs.subnets
  vpc     = data.terraform_remote_state.network.outputs.vpc

  queues = {
    bookings = { visibility = 360 }
    refunds  = { visibility = 600 }
  }

  secrets = {
    aurora        = { user = "purser" }
    tickets-cache = { user = "default" }
    gate-key      = { user = "gate" }
  }
}

resource "aws_kms_key" "harbour" {
  description         = "What the platform keeps"
  enable_key_rotation = true
}

resource "aws_sns_topic" "watch" {
  name = "harbour-watch"
}

resource "aws_sns_topic_subscription" "watch" {
  topic_arn = aws_sns_topic.watch.arn
  protocol  = "email"
  endpoint  = "watch@harbour.internal"
}

module "queue" {
  source   = "../parts/queue"
  for_each = local.queues

  name               = "harbour-${each.key}"
  visibility_seconds = each.value.visibility
  alarm_actions      = [aws_sns_topic.watch.arn]
}

module "secret" {
  source   = "../parts/secret"
  for_each = local.secrets

  name = "harbour/${each.key}"
  key  = aws_kms_key.harbour.arn
  user = each.value.user
}

# The mail provider's: to be changed in the console.
resource "aws_secretsmanager_secret" "mail" {
  name       = "harbour/mail"
  kms_key_id = aws_kms_key.harbour.arn
}

resource "aws_secretsmanager_secret_version" "mail" {
  secret_id     = aws_secretsmanager_secret.mail.id
  secret_string = <<-JSON
    {"host": "smtp.harbour.internal", "user": "post", "password": "change-me-later"}
  JSON

  lifecycle {
    ignore_changes = [secret_string]
  }
}
