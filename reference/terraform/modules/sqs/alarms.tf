# A message that no delivery could help: somebody must look, for the first one already.
resource "aws_cloudwatch_metric_alarm" "dead_letter_messages" {
  alarm_name        = "${aws_sqs_queue.dead_letter.name}-messages"
  alarm_description = "Messages that failed ${var.max_receive_count} times are waiting in ${aws_sqs_queue.dead_letter.name}."

  namespace   = "AWS/SQS"
  metric_name = "ApproximateNumberOfMessagesVisible"
  dimensions  = { QueueName = aws_sqs_queue.dead_letter.name }

  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  # SQS sends no metrics of a queue that nobody has used for six hours.
  treat_missing_data = "notBreaching"

  alarm_actions = var.alarm_topic_arns
  ok_actions    = var.alarm_topic_arns
}

# The consumer does not keep up, or does not work at all.
resource "aws_cloudwatch_metric_alarm" "oldest_message" {
  alarm_name        = "${aws_sqs_queue.this.name}-age"
  alarm_description = "The oldest message of ${aws_sqs_queue.this.name} has waited more than ${var.oldest_message_alarm_seconds} seconds."

  namespace   = "AWS/SQS"
  metric_name = "ApproximateAgeOfOldestMessage"
  dimensions  = { QueueName = aws_sqs_queue.this.name }

  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.oldest_message_alarm_seconds
  treat_missing_data  = "notBreaching"

  alarm_actions = var.alarm_topic_arns
  ok_actions    = var.alarm_topic_arns
}
