locals {
  loader = "harbour-loader"
}

resource "aws_cloudwatch_log_group" "loader" {
  name              = "/aws/lambda/${local.loader}"
  retention_in_days = 180
}

resource "aws_iam_role" "loader" {
  name = local.loader

  assume_role_policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
POLICY

  inline_policy {
    name   = "loader"
    policy = <<-POLICY
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Effect": "Allow",
            "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            "Resource": ${jsonencode([for queue in module.queue : queue.arn])}
          },
          {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "${aws_cloudwatch_log_group.loader.arn}:*"
          }
        ]
      }
    POLICY
  }
}

resource "aws_iam_role_policy_attachment" "loader_network" {
  role       = aws_iam_role.loader.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
}

resource "aws_security_group" "loader" {
  name        = local.loader
  description = "The loader: out to the tickets' load balancer"
  vpc_id      = local.vpc

  egress {
    description = "HTTPS inside"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["172.20.0.0/16"]
  }
}

data "archive_file" "loader" {
  type        = "zip"
  source_file = "${path.module}/../../functions/loader/index.mjs"
  output_path = "${path.module}/loader.zip"
}

resource "aws_lambda_function" "loader" {
  function_name    = local.loader
  role             = aws_iam_role.loader.arn
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = data.archive_file.loader.output_path
  source_code_hash = data.archive_file.loader.output_base64sha256
  timeout          = 30

  vpc_config {
    subnet_ids         = local.subnets["deck"]
    security_group_ids = [aws_security_group.loader.id]
  }

  environment {
    variables = {
      TICKETS = "https://tickets.harbour.internal"
    }
  }
}

resource "aws_lambda_event_source_mapping" "loader" {
  for_each = local.queues

  event_source_arn        = module.queue[each.key].arn
  function_name           = aws_lambda_function.loader.function_name
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 8
  }
}
