# AWS' own services from within the VPC: never over the internet, and for this account's principals alone.

locals {
  endpoint_subnet_keys = [for zone in var.zones : "endpoints-${zone}"]
}

resource "aws_security_group" "endpoints" {
  name_prefix = "${var.name}-endpoints-"
  description = "Interface endpoints: HTTPS from the VPC"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-endpoints" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id = aws_security_group.endpoints.id
  description       = "The VPC"
  cidr_ipv4         = aws_vpc.this.cidr_block
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# STS must answer a pod before it has a principal: a token is what it comes with.
data "aws_iam_policy_document" "endpoints" {
  for_each = setsubtract(var.interface_endpoints, ["sts"])

  statement {
    sid       = "OwnAccount"
    actions   = ["${split(".", each.value)[0]}:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [local.account]
    }
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${local.region}.${each.value}"
  subnet_ids          = [for key in local.endpoint_subnet_keys : aws_subnet.this[key].id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = each.value == "sts" ? null : data.aws_iam_policy_document.endpoints[each.value].json

  tags = { Name = "${var.name}-${each.value}" }
}

# For the layers of images, which ECR keeps in S3.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${local.region}.s3"
  route_table_ids   = [for table in aws_route_table.app : table.id]

  tags = { Name = "${var.name}-s3" }
}
