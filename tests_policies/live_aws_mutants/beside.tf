# What the reference platform's root has not, and an account may have: added to a copy of it.

resource "aws_secretsmanager_secret" "partner" {
  name       = "ticketing-prod/partner"
  kms_key_id = aws_kms_key.alarms.arn
}

resource "aws_secretsmanager_secret_version" "partner" {
  secret_id     = aws_secretsmanager_secret.partner.id
  secret_string = "made by hand"
}

resource "aws_secretsmanager_secret_rotation" "partner" {
  secret_id           = aws_secretsmanager_secret.partner.id
  rotation_lambda_arn = "arn:aws:lambda:ap-northeast-2:482915630718:function:rotate"

  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_cloudwatch_metric_alarm" "topic" {
  alarm_name          = "ticketing-prod-alarms-failed"
  namespace           = "AWS/SNS"
  metric_name         = "NumberOfNotificationsFailed"
  dimensions          = { TopicName = aws_sns_topic.alarms.name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
}

resource "aws_cloudwatch_composite_alarm" "purchases" {
  alarm_name    = "ticketing-prod-purchases"
  alarm_rule    = "ALARM(${aws_cloudwatch_metric_alarm.topic.alarm_name})"
  alarm_actions = [aws_sns_topic.alarms.arn]
}

resource "aws_iam_policy" "audit" {
  name = "ticketing-prod-audit"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:ListQueues", Resource = "*" }]
  })
}

resource "aws_iam_role_policy_attachment" "audit" {
  role       = aws_iam_role.queue_service.name
  policy_arn = aws_iam_policy.audit.arn
}

resource "aws_security_group" "gate" {
  name        = "ticketing-prod-gate"
  description = "The gate"
  vpc_id      = "vpc-0c4d91e7ab2f36580"
}

resource "aws_vpc_security_group_ingress_rule" "gate" {
  security_group_id = aws_security_group.gate.id
  cidr_ipv4         = "10.40.0.0/16"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_lambda_alias" "worker" {
  name             = "live"
  function_name    = "ticketing-prod-ticket-worker"
  function_version = "$LATEST"
  depends_on       = [module.lambda_worker]
}
