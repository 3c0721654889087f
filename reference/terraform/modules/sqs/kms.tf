data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

# The account's IAM policies decide who may use the key, as for every key without other users.
data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_kms_key" "this" {
  description             = "Messages of ${var.name} and its dead-letter queue"
  enable_key_rotation     = true
  deletion_window_in_days = var.kms_deletion_window_in_days
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "this" {
  name          = "alias/${trimsuffix(var.name, ".fifo")}"
  target_key_id = aws_kms_key.this.key_id
}
