region     = "ap-northeast-2"
name       = "ticketing"
cidr_block = "10.40.0.0/16"
zones      = ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"]
