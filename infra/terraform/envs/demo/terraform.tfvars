# What makes this environment the demo. Holds no secret: those come as TF_VAR_mongodb_password
# and the like. A value written here wins over TF_VAR_*, so what differs from one
# operator to the next (atlas_org_id) is not here.

aws_region = "us-east-1"

# 203.0.113.0/24 is reserved for documentation and reaches nothing: replace it by
# your pipeline's and your users' ranges.
public_access_cidrs = ["203.0.113.0/24"]
lb_source_ranges    = ["203.0.113.0/24"]

az_count           = 2
single_nat_gateway = true

node_instance_types = ["t3.medium", "t3a.medium"]
node_scaling        = { min = 2, desired = 2, max = 4 }

instance_size = "M0"

llm_mode    = "mock"
vector_mode = "mock"

# A demo is thrown away whole.
ecr_force_delete = true
