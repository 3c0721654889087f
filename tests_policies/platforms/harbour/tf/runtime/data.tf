resource "aws_db_subnet_group" "hold" {
  name       = "harbour"
  subnet_ids = local.subnets["hold"]
}

resource "aws_security_group" "aurora" {
  name        = "harbour-aurora"
  description = "Aurora: the cluster's pods"
  vpc_id      = local.vpc

  ingress {
    description     = "MySQL"
    from_port       = 3306
    to_port         = 3306
    protocol        = "tcp"
    security_groups = [aws_eks_cluster.harbour.vpc_config[0].cluster_security_group_id]
  }
}

resource "aws_rds_cluster" "tickets" {
  cluster_identifier          = "harbour-tickets"
  engine                      = "aurora-mysql"
  engine_version              = "8.0.mysql_aurora.3.08.0"
  database_name               = "tickets"
  master_username             = "purser"
  manage_master_user_password = true
  storage_encrypted           = true
  kms_key_id                  = aws_kms_key.harbour.arn
  db_subnet_group_name        = aws_db_subnet_group.hold.name
  vpc_security_group_ids      = [aws_security_group.aurora.id]
  backup_retention_period     = 14
  deletion_protection         = true
  final_snapshot_identifier   = "harbour-tickets-last"
}

resource "aws_rds_cluster_instance" "tickets" {
  for_each = toset(["writer", "reader"])

  identifier         = "harbour-tickets-${each.key}"
  cluster_identifier = aws_rds_cluster.tickets.id
  engine             = aws_rds_cluster.tickets.engine
  instance_class     = "db.r7g.large"
}

resource "aws_elasticache_subnet_group" "galley" {
  name       = "harbour"
  subnet_ids = local.subnets["galley"]
}

resource "aws_security_group" "cache" {
  name        = "harbour-cache"
  description = "Caches: the cluster's pods"
  vpc_id      = local.vpc

  ingress {
    description     = "Valkey"
    from_port       = 6379
    to_port         = 6379
    protocol        = "tcp"
    security_groups = [aws_eks_cluster.harbour.vpc_config[0].cluster_security_group_id]
  }
}

resource "aws_elasticache_replication_group" "tickets" {
  replication_group_id       = "harbour-tickets"
  description                = "Seats that somebody is about to buy"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = "cache.t4g.small"
  num_cache_clusters         = 2
  automatic_failover_enabled = "true"
  multi_az_enabled           = "true"
  transit_encryption_enabled = "true"
  auth_token                 = var.cache_password
  subnet_group_name          = aws_elasticache_subnet_group.galley.name
  security_group_ids         = [aws_security_group.cache.id]
}

# Sailing times: public anyway, and made anew in a minute.
resource "aws_elasticache_cluster" "times" {
  cluster_id         = "harbour-times"
  engine             = "redis"
  node_type          = "cache.t4g.micro"
  num_cache_nodes    = 1
  subnet_group_name  = aws_elasticache_subnet_group.galley.name
  security_group_ids = [aws_security_group.cache.id]
}
