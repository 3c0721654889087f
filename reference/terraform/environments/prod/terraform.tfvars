region     = "ap-northeast-2"
account_id = "482915630718"

# What viewers see
aliases            = ["www.ticketing.internal"]
certificate_arn    = "arn:aws:acm:us-east-1:482915630718:certificate/d2f7a9c4-5e31-4b08-9c66-1f0a7be3528d"
origin_domain_name = "origin.ticketing.internal"
rate_limit         = 3000

# Purchases
purchase_queue_name            = "ticketing-prod-purchases.fifo"
worker_maximum_concurrency     = 10
ticket_service_url             = "https://ticket-service.ticketing.internal"
internal_api_token_secret_name = "ticketing-prod/internal-api-token"

# The VPC and the cluster
vpc_id                             = "vpc-0c4d91e7ab2f36580"
app_subnet_ids                     = ["subnet-0a61f3b9d27c4e815", "subnet-07be2c9f14d8a3056", "subnet-0d95c7a1e6f30b284"]
internal_load_balancer_cidr_blocks = ["10.40.68.0/22"]
vpc_endpoint_cidr_blocks           = ["10.40.0.0/20"]
cluster_oidc_issuer                = "oidc.eks.ap-northeast-2.amazonaws.com/id/3F9A17C2D58E4B06A1C7E2940DB86F53"

alarm_addresses = ["on-call@ticketing.internal"]
