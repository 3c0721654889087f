# Lambda@Edge at viewer request: published, in us-east-1, 128 MB and 5 seconds at most, without environment, VPC, layers or tracing.
resource "aws_lambda_function" "queue_check" {
  provider = aws.us_east_1

  function_name = local.queue_check_name
  description   = "Lets those through who have waited in the queue"
  role          = aws_iam_role.queue_check.arn

  runtime          = "nodejs22.x"
  architectures    = ["x86_64"]
  handler          = "index.handler"
  filename         = var.queue_check_package
  source_code_hash = filebase64sha256(var.queue_check_package)
  publish          = true

  memory_size = 128
  timeout     = 5

  depends_on = [aws_iam_role_policy.queue_check]
}

locals {
  queue_check_name = "${var.name}-queue-check"

  # Each region logs what its own edge locations ran, under this name.
  queue_check_log_group = "/aws/lambda/us-east-1.${local.queue_check_name}"
}

data "aws_iam_policy_document" "queue_check_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "queue_check" {
  name               = local.queue_check_name
  description        = "What ${local.queue_check_name} may do: write its log"
  assume_role_policy = data.aws_iam_policy_document.queue_check_assume.json
}

data "aws_iam_policy_document" "queue_check" {
  statement {
    sid       = "WriteLog"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:*:${local.account}:log-group:${local.queue_check_log_group}:*"]
  }
}

resource "aws_iam_role_policy" "queue_check" {
  name   = local.queue_check_name
  role   = aws_iam_role.queue_check.id
  policy = data.aws_iam_policy_document.queue_check.json
}

# The regions of most viewers; elsewhere the function makes its log group itself.
resource "aws_cloudwatch_log_group" "queue_check" {
  name              = local.queue_check_log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.logs.arn
}

resource "aws_cloudwatch_log_group" "queue_check_us_east_1" {
  provider = aws.us_east_1

  name              = local.queue_check_log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.logs_us_east_1.arn
}
