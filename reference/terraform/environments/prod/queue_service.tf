# The role of the queue service's pods (IRSA): k8s/spring/overlays/prod/service-accounts.yaml names it. It sends to the purchase queue, and no more.

data "aws_iam_policy_document" "queue_service_assume" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::${var.account_id}:oidc-provider/${var.cluster_oidc_issuer}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.cluster_oidc_issuer}:sub"
      values   = ["system:serviceaccount:ticketing:queue-service"]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.cluster_oidc_issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "queue_service" {
  name               = "${local.name}-queue-service"
  description        = "The queue service: sends purchases to the queue"
  assume_role_policy = data.aws_iam_policy_document.queue_service_assume.json
}

data "aws_iam_policy_document" "queue_service" {
  statement {
    sid       = "SendPurchases"
    actions   = ["sqs:SendMessage", "sqs:GetQueueUrl"]
    resources = [module.sqs.queue_arn]
  }

  # SQS makes a data key for what is sent, and opens it again to use it once more.
  statement {
    sid       = "EncryptPurchases"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [module.sqs.kms_key_arn]
  }
}

resource "aws_iam_role_policy" "queue_service" {
  name   = "send-purchases"
  role   = aws_iam_role.queue_service.id
  policy = data.aws_iam_policy_document.queue_service.json
}
