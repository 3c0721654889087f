# The platform's secrets, made at random: nobody types one, and none stands in a file. They do stand in the state, which is encrypted.
# After that, whoever rotates a secret changes it in Secrets Manager: Terraform does not put the first one back.

locals {
  # Letters and digits alone: a value goes into URLs, configuration files and headers as it is. Lengths in characters; each is worth
  # almost six bits.
  generated = {
    database                 = { length = 48, description = "The services' user of the database, as the proxy takes it" }
    redis                    = { length = 64, description = "REDIS_PASSWORD: the clients' password" }
    jwt                      = { length = 64, description = "JWT_SECRET: signs what the auth service issues" }
    queue-entry-token        = { length = 64, description = "QUEUE_ENTRY_TOKEN_SECRET: signs what the queue service issues, for edge and gateway" }
    internal-api-token       = { length = 64, description = "INTERNAL_API_TOKEN: the services' credential among themselves" }
    cloudfront-origin-header = { length = 64, description = "CLOUDFRONT_ORIGIN_SECRET: by it the gateway knows CloudFront" }
  }
}

resource "random_password" "this" {
  for_each = local.generated

  length  = each.value.length
  special = false
}

resource "aws_secretsmanager_secret" "this" {
  for_each = local.generated

  name                    = "${var.prefix}/${each.key}"
  description             = each.value.description
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = var.recovery_window_in_days
}

# RDS Proxy takes a user and a password.
resource "aws_secretsmanager_secret_version" "database" {
  secret_id = aws_secretsmanager_secret.this["database"].id

  secret_string = jsonencode({
    username = var.database_username
    password = random_password.this["database"].result
  })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each = toset([for name in keys(local.generated) : name if name != "database"])

  secret_id     = aws_secretsmanager_secret.this[each.value].id
  secret_string = random_password.this[each.value].result

  lifecycle {
    ignore_changes = [secret_string]
  }
}
