resource "aws_iam_role" "cluster" {
  name = "harbour-cluster"

  assume_role_policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
POLICY
}

resource "aws_iam_role_policy_attachment" "cluster" {
  role       = aws_iam_role.cluster.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
}

resource "aws_eks_cluster" "harbour" {
  name     = "harbour"
  version  = var.kubernetes
  role_arn = aws_iam_role.cluster.arn

  enabled_cluster_log_types = ["api", "audit", "authenticator"]

  vpc_config {
    subnet_ids              = local.subnets["deck"]
    endpoint_private_access = true
    public_access_cidrs     = var.offices
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.harbour.arn
    }
  }
}

data "tls_certificate" "issuer" {
  url = aws_eks_cluster.harbour.identity[0].oidc[0].issuer
}

resource "aws_iam_openid_connect_provider" "pods" {
  url             = data.tls_certificate.issuer.url
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = data.tls_certificate.issuer.certificates[*].sha1_fingerprint
}

resource "aws_eks_addon" "core" {
  for_each = toset(["coredns", "kube-proxy", "vpc-cni", "eks-pod-identity-agent"])

  cluster_name = "harbour"
  addon_name   = each.value

  depends_on = [aws_eks_cluster.harbour]
}
