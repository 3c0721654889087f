region             = "ap-northeast-2"
name               = "ticketing"
kubernetes_version = "1.35"
subnet_ids         = ["subnet-0a61f3b9d27c4e815", "subnet-07be2c9f14d8a3056", "subnet-0d95c7a1e6f30b284"]

administrator_role_arns = {
  operations = "arn:aws:iam::482915630718:role/ticketing-operations"
}
