region            = "ap-northeast-2"
name              = "ticketing"
database_username = "ticketing_services"
