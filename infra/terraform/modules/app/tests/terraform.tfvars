namespace          = "carepath-test"
kubernetes_version = "1.35"
vpc_cidr           = "10.20.0.0/16"

db_api_image   = "123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-db-api@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
chat_api_image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-chat-api@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

mongodb_connection_string = "mongodb+srv://user:planted-password@carepath.abc12.mongodb.net/carepath"
mongodb_secret_revision   = 7
mongodb_server            = "carepath.abc12.mongodb.net"
mongodb_egress            = { cidr = "0.0.0.0/0", port = 27017 }
mongodb_db_name           = "carepath"

llm_mode                  = "mock"
llm_model                 = null
llm_base_url              = null
llm_api_key               = ""
llm_api_key_revision      = 1
phi_hash_key              = ""
phi_hash_key_revision     = 1
vector_mode               = "mock"
service_token             = "planted-service-token"
service_token_revision    = 1
metrics_namespace         = null
pinecone_api_key          = "planted-key"
pinecone_api_key_revision = 1
pinecone_environment      = ""
pinecone_index            = "carepath-documents"

scaling           = { min = 3, max = 6, cpu_percent = 60 }
lb_source_ranges  = ["203.0.113.0/24"]
allow_public_chat = false
certificate_arn   = null
load_demo_data    = false
tags              = { Environment = "test", Project = "carepath" }
