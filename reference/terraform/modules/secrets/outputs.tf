output "secret_arns" {
  description = "ARN of each secret, by its name without the prefix."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}

output "secret_names" {
  description = "Name of each secret, by its name without the prefix."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.name }
}

output "kms_key_arn" {
  description = "ARN of the secrets' key: who reads one needs kms:Decrypt on it."
  value       = aws_kms_key.this.arn
}
