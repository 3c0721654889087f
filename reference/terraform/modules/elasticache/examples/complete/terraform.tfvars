region     = "ap-northeast-2"
name       = "ticketing"
vpc_id     = "vpc-0c4d91e7ab2f36580"
subnet_ids = ["subnet-0e27a4c9d1f8b3650", "subnet-05d9b1e7f3c2a8064", "subnet-0c83f6a2b7e4d9105"]

client_security_group_ids = {
  cluster = "sg-08b3d5e6f1a2c4970"
}

password_secret_name = "ticketing/redis"
