org_id            = "0123456789abcdef01234567"
project_id        = null
project_name      = "carepath-test"
cluster_name      = "carepath-test"
instance_size     = "M0"
aws_region        = "us-east-1"
database_name     = "carepath"
username          = "carepath-db-api"
password          = "planted-password"
password_revision = 1
nat_public_ips    = { us-east-1a = "198.51.100.7" }

termination_protection = false
