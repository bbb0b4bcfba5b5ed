# What differs from the environment's own terraform.tfvars, and what that leaves open.

atlas_org_id     = "0123456789abcdef01234567"
mongodb_password = "planted-password"
db_api_image     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-db-api@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
chat_api_image   = "123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-chat-api@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

# `terraform test` takes an ephemeral variable's default for a value at apply only.
existing_mongodb_uri = ""
pinecone_api_key     = ""
service_token        = ""
llm_api_key          = ""
phi_hash_key         = ""

# No end of support is known of this version, so that no check here depends on the day.
cluster_version = "1.99"
addon_versions = {
  coredns        = "v1.99.0-eksbuild.1"
  kube-proxy     = "v1.99.0-eksbuild.1"
  metrics-server = "v1.99.0-eksbuild.1"
  vpc-cni        = "v1.99.0-eksbuild.1"
}
