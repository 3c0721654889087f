# What stands before and beside the cluster: CloudFront with its check, the purchase queue, and the worker that empties it.

terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.20"
    }
  }

  # The state holds the value of CloudFront's header: encrypted, and read by those alone who may read the secret. Made once: ../../README.md.
  backend "s3" {
    bucket         = "ticketing-terraform-state-482915630718"
    key            = "environments/prod/terraform.tfstate"
    region         = "ap-northeast-2"
    encrypt        = true
    kms_key_id     = "alias/ticketing-terraform-state"
    dynamodb_table = "ticketing-terraform-lock"
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = local.tags
  }
}

# What CloudFront takes, it takes from there.
provider "aws" {
  alias               = "us_east_1"
  region              = "us-east-1"
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = local.tags
  }
}

locals {
  name = "ticketing-prod"

  tags = {
    Platform    = "ticketing"
    Environment = "prod"
    ManagedBy   = "terraform"
  }

  # The one place that states the header's name and its secret.
  header_contract = jsondecode(file("${path.module}/../../../contracts/cloudfront-header.json"))

  # The release builds both packages: ../../../lambda/*/package.sh.
  queue_check_package   = "${path.module}/../../../lambda/edge-queue-check/dist/edge-queue-check.zip"
  ticket_worker_package = "${path.module}/../../../lambda/ticket-worker/dist/ticket-worker.zip"

  worker_timeout_seconds = 60
}

data "aws_secretsmanager_secret_version" "origin_header" {
  secret_id = local.header_contract.secret.secrets_manager_name
}

# The credential that the ticket service knows the worker by; its value is the worker's to read, not Terraform's.
data "aws_secretsmanager_secret" "internal_api_token" {
  name = var.internal_api_token_secret_name
}

data "aws_kms_key" "internal_api_token" {
  key_id = data.aws_secretsmanager_secret.internal_api_token.kms_key_id
}

module "sqs" {
  source = "../../modules/sqs"

  name                     = var.purchase_queue_name
  consumer_timeout_seconds = local.worker_timeout_seconds
  alarm_topic_arns         = [aws_sns_topic.alarms.arn]
}

module "cloudfront" {
  source = "../../modules/cloudfront"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  name                = local.name
  aliases             = var.aliases
  certificate_arn     = var.certificate_arn
  origin_domain_name  = var.origin_domain_name
  origin_header_name  = local.header_contract.header
  origin_header_value = data.aws_secretsmanager_secret_version.origin_header.secret_string
  queue_check_package = local.queue_check_package
  rate_limit          = var.rate_limit
  alarm_topic_arns    = [aws_sns_topic.alarms_us_east_1.arn]
}

module "lambda_worker" {
  source = "../../modules/lambda-worker"

  name                 = "${local.name}-ticket-worker"
  package              = local.ticket_worker_package
  timeout_seconds      = local.worker_timeout_seconds
  maximum_concurrency  = var.worker_maximum_concurrency
  reserved_concurrency = var.worker_maximum_concurrency + 2

  queue_name        = module.sqs.queue_name
  queue_arn         = module.sqs.queue_arn
  queue_kms_key_arn = module.sqs.kms_key_arn

  ticket_service_url         = var.ticket_service_url
  ticket_service_cidr_blocks = var.internal_load_balancer_cidr_blocks
  vpc_endpoint_cidr_blocks   = var.vpc_endpoint_cidr_blocks
  credential_secret_arn      = data.aws_secretsmanager_secret.internal_api_token.arn
  credential_kms_key_arn     = data.aws_kms_key.internal_api_token.arn

  vpc_id     = var.vpc_id
  subnet_ids = var.app_subnet_ids

  alarm_topic_arns = [aws_sns_topic.alarms.arn]
}
