# A database, a cache and a cluster, added to a copy of the reference platform: the test makes them by hand.

resource "aws_rds_cluster" "tickets" {
  cluster_identifier      = "tickets"
  engine                  = "aurora-postgresql"
  storage_encrypted       = true
  deletion_protection     = true
  backup_retention_period = 14
  master_username         = "ticketing"
}

resource "aws_rds_cluster_instance" "tickets" {
  for_each = toset(["one", "two"])

  identifier         = "tickets-${each.key}"
  cluster_identifier = aws_rds_cluster.tickets.id
  instance_class     = "db.r6g.large"
  engine             = aws_rds_cluster.tickets.engine
}

resource "aws_db_instance" "reports" {
  identifier              = "reports"
  engine                  = "postgres"
  instance_class          = "db.t4g.medium"
  storage_encrypted       = true
  deletion_protection     = true
  backup_retention_period = 7
  multi_az                = true
}

resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "Sessions"
  engine                     = "valkey"
  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  automatic_failover_enabled = true
  multi_az_enabled           = true
  num_cache_clusters         = 2
}

resource "aws_eks_cluster" "this" {
  name                      = "ticketing-prod"
  version                   = "1.35"
  role_arn                  = aws_iam_role.queue_service.arn
  enabled_cluster_log_types = ["api", "audit", "authenticator"]

  vpc_config {
    subnet_ids              = ["subnet-0a61f3b9d27c4e815", "subnet-07be2c9f14d8a3056"]
    endpoint_private_access = true
    endpoint_public_access  = false
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.alarms.arn
    }
  }
}

resource "aws_eks_addon" "this" {
  for_each = toset(["vpc-cni", "coredns", "kube-proxy"])

  cluster_name = aws_eks_cluster.this.name
  addon_name   = each.key
}

resource "aws_iam_openid_connect_provider" "this" {
  url            = aws_eks_cluster.this.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_db_proxy" "tickets" {
  name           = "tickets"
  engine_family  = "POSTGRESQL"
  require_tls    = true
  role_arn       = aws_iam_role.queue_service.arn
  vpc_subnet_ids = ["subnet-0a61f3b9d27c4e815", "subnet-07be2c9f14d8a3056"]

  auth {
    auth_scheme = "SECRETS"
    secret_arn  = aws_secretsmanager_secret.partner.arn
  }
}

resource "aws_elasticache_cluster" "pages" {
  cluster_id      = "pages"
  engine          = "memcached"
  num_cache_nodes = 1
}

resource "aws_elasticache_serverless_cache" "queue" {
  name          = "queue"
  engine        = "valkey"
  user_group_id = "clients"
}
