output "endpoint" {
  description = "Host name that clients connect to: the proxy's, if there is one."
  value       = var.proxy == null ? aws_db_instance.this.address : aws_db_proxy.this[0].endpoint
}

output "port" {
  description = "Port that clients connect to."
  value       = local.port
}

output "database_arn" {
  description = "ARN of the database instance."
  value       = aws_db_instance.this.arn
}

output "master_secret_arn" {
  description = "ARN of the secret in which RDS keeps the owner's password."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "security_group_id" {
  description = "Security group of the database."
  value       = aws_security_group.database.id
}

output "kms_key_arn" {
  description = "ARN of the key of storage, backups and logs."
  value       = aws_kms_key.this.arn
}
