# The origin, or the check itself: what fails there is a 5xx to the viewer. CloudFront's metrics are in us-east-1.
resource "aws_cloudwatch_metric_alarm" "server_errors" {
  provider = aws.us_east_1

  alarm_name        = "${var.name}-5xx"
  alarm_description = "More than ${var.server_error_alarm_percent} % of what ${var.name} answers are server errors."

  namespace   = "AWS/CloudFront"
  metric_name = "5xxErrorRate"
  dimensions = {
    DistributionId = aws_cloudfront_distribution.this.id
    Region         = "Global"
  }

  statistic           = "Average"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.server_error_alarm_percent
  treat_missing_data  = "notBreaching"

  alarm_actions = var.alarm_topic_arns
  ok_actions    = var.alarm_topic_arns
}
