region     = "ap-northeast-2"
name       = "ticketing"
vpc_id     = "vpc-0c4d91e7ab2f36580"
subnet_ids = ["subnet-04e8d2b7a9163fc50", "subnet-0bc17f35e82d94a06", "subnet-01f9a6c4d3e7205b8"]

client_security_group_ids = {
  cluster = "sg-08b3d5e6f1a2c4970"
}

database_secret_arn = "arn:aws:secretsmanager:ap-northeast-2:482915630718:secret:ticketing/database-Qh3vKe"
secrets_kms_key_arn = "arn:aws:kms:ap-northeast-2:482915630718:key/5b8e2f71-c0d4-4a96-93e1-7d2f6a0b8c35"
