name               = "carepath-test"
cluster_name       = "carepath-test"
aws_region         = "us-east-1"
vpc_cidr           = "10.20.0.0/16"
az_count           = 2
single_nat_gateway = true
enable_flow_logs   = false

flow_log_retention_days = 30
