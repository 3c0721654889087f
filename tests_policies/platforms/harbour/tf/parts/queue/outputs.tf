output "arn" {
  description = "ARN of the queue."
  value       = aws_sqs_queue.main.arn
}
