variable "environment" {
  description = "Name of the environment, as the Environment tag says it."
  type        = string
}

variable "name" {
  description = "Name of cluster, namespace and Atlas project, and prefix of the rest."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 20 lower-case letters, digits and hyphens, such as carepath-demo: AWS, Atlas and Kubernetes all have to take it."
  }
}

################################################################################
# AWS
################################################################################

variable "aws_region" {
  description = "AWS region of everything, Atlas cluster included."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region must be an AWS region such as us-east-1."
  }
}

variable "aws_account_id" {
  description = "The only AWS account that may be touched; null permits any."
  type        = string
  default     = null

  validation {
    condition     = var.aws_account_id == null || can(regex("^[0-9]{12}$", var.aws_account_id))
    error_message = "aws_account_id must be the twelve digits of an AWS account."
  }
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC, /16 to /18."
  type        = string
}

variable "az_count" {
  description = "Availability zones to spread over, 2 or 3."
  type        = number
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones rather than one for each."
  type        = bool
}

variable "enable_flow_logs" {
  description = "Log the VPC's traffic."
  type        = bool
  default     = false
}

variable "flow_log_retention_days" {
  description = "Days to keep flow logs, a span that CloudWatch knows; counts with enable_flow_logs."
  type        = number
  default     = 30
}

variable "ecr_keep_releases" {
  description = "Deployed images to keep in each repository, the newest first, 100 or more: so many releases a rollback can go back."
  type        = number
  default     = 1000
}

variable "ecr_keep_images" {
  description = "Images to keep in each repository beside the deployed ones, the newest first, 20 or more."
  type        = number
  default     = 50
}

variable "ecr_force_delete" {
  description = "Let a destroy remove the repositories with the images in them."
  type        = bool
}

################################################################################
# EKS
################################################################################

variable "cluster_version" {
  description = "Kubernetes minor version."
  type        = string
}

variable "end_of_standard_support" {
  description = "Kubernetes minor version -> the day its standard support on EKS ends; a plan warns 60 days before."
  type        = map(string)

  # https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
  default = { "1.35" = "2027-03-27" }

  validation {
    condition     = alltrue([for day in values(var.end_of_standard_support) : can(formatdate("YYYY", "${day}T00:00:00Z"))])
    error_message = "end_of_standard_support must hold days such as 2027-03-27."
  }
}

variable "addon_versions" {
  description = "Add-on of EKS -> its version; moves with cluster_version."
  type        = map(string)
}

variable "public_access_cidrs" {
  description = "IPv4 ranges of pipeline and operators, which alone reach the cluster's API."
  type        = set(string)
}

variable "allow_public_api" {
  description = "Permit 0.0.0.0/0 in public_access_cidrs."
  type        = bool
  default     = false
}

variable "admin_principal_arns" {
  description = "IAM roles and users that administer the cluster, beside the one that creates it."
  type        = set(string)
  default     = []
}

variable "node_instance_types" {
  description = "Instance types of the nodes."
  type        = list(string)
}

variable "node_capacity_type" {
  description = "ON_DEMAND or SPOT."
  type        = string
}

variable "node_scaling" {
  description = "Bounds and number of nodes; `desired` must hold both autoscalers at their maximum."
  type        = object({ min = number, desired = number, max = number })
}

variable "node_disk_gib" {
  description = "Size of each node's disk, in GiB, 20 or more."
  type        = number
  default     = 20
}

variable "log_retention_days" {
  description = "Days to keep the control plane's logs, a span that CloudWatch knows."
  type        = number
  default     = 30
}

################################################################################
# MongoDB Atlas
################################################################################

variable "create_atlas" {
  description = "Make a cluster in Atlas; false uses existing_mongodb_uri."
  type        = bool
  default     = true
}

# Not in terraform.tfvars: there it would win over the environment.
variable "atlas_org_id" {
  description = "Atlas organisation to make a project in; from TF_VAR_atlas_org_id."
  type        = string
  default     = null

  validation {
    condition     = var.atlas_org_id == null || can(regex("^[0-9a-f]{24}$", var.atlas_org_id))
    error_message = "atlas_org_id must be the 24 hexadecimal digits that Atlas shows under Organization Settings."
  }

  validation {
    condition     = !var.create_atlas || var.atlas_org_id != null || var.atlas_project_id != null
    error_message = "Atlas needs to know whose cluster to make: set TF_VAR_atlas_org_id (or TF_VAR_atlas_project_id for a project that exists). For a database of your own set create_atlas = false and TF_VAR_existing_mongodb_uri."
  }
}

variable "atlas_project_id" {
  description = "Atlas project to use rather than make one; from TF_VAR_atlas_project_id."
  type        = string
  default     = null

  validation {
    condition     = var.atlas_project_id == null || can(regex("^[0-9a-f]{24}$", var.atlas_project_id))
    error_message = "atlas_project_id must be the 24 hexadecimal digits that Atlas shows under Project Settings."
  }
}

variable "instance_size" {
  description = "Atlas tier: M0 is free, FLEX shared, M10 and up dedicated."
  type        = string
}

variable "atlas_termination_protection" {
  description = "Let Atlas refuse to delete the cluster until this is turned off and applied."
  type        = bool
  default     = false
}

variable "mongodb_username" {
  description = "Database user of db-api."
  type        = string
}

variable "mongodb_db_name" {
  description = "Database of the patients, the only one that the user may touch."
  type        = string
}

variable "mongodb_egress" {
  description = "Where db-api's pods may reach MongoDB; for a database of one's own its range and port."
  type        = object({ cidr = string, port = number })
  default     = { cidr = "0.0.0.0/0", port = 27017 }
}

variable "mongodb_password" {
  description = "Password of the database user, from TF_VAR_mongodb_password at plan and at apply. Reaches neither state nor plan."
  type        = string
  default     = ""
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = !var.create_atlas || length(var.mongodb_password) >= 8
    error_message = "Set TF_VAR_mongodb_password to at least 8 characters; Atlas takes no shorter one."
  }
}

variable "mongodb_password_revision" {
  description = "Raise it with each new mongodb_password or existing_mongodb_uri: a value that is not kept cannot be compared."
  type        = number
  default     = 1

  validation {
    condition     = var.mongodb_password_revision >= 1 && floor(var.mongodb_password_revision) == var.mongodb_password_revision
    error_message = "mongodb_password_revision must be a whole number from 1 on."
  }
}

variable "existing_mongodb_uri" {
  description = "MONGODB_URI of a database that exists, from TF_VAR_existing_mongodb_uri; used where create_atlas is false."
  type        = string
  default     = ""
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.create_atlas || can(regex("^mongodb(\\+srv)?://", var.existing_mongodb_uri))
    error_message = "With create_atlas = false, set TF_VAR_existing_mongodb_uri to a mongodb:// or mongodb+srv:// address."
  }
}

################################################################################
# Application
################################################################################

variable "db_api_image" {
  description = "Image of db-api by digest; the pipeline writes it into images.auto.tfvars.json."
  type        = string

  validation {
    condition     = !can(regex("\\.dkr\\.ecr\\.", var.db_api_image)) || can(regex("\\.dkr\\.ecr\\.${var.aws_region}\\.", var.db_api_image))
    error_message = "db_api_image lies in another region's ECR than aws_region = ${var.aws_region}. Push it there, or correct aws_region: nodes would pull every image across regions."
  }
}

variable "chat_api_image" {
  description = "Image of chat-api by digest; the pipeline writes it into images.auto.tfvars.json."
  type        = string

  validation {
    condition     = !can(regex("\\.dkr\\.ecr\\.", var.chat_api_image)) || can(regex("\\.dkr\\.ecr\\.${var.aws_region}\\.", var.chat_api_image))
    error_message = "chat_api_image lies in another region's ECR than aws_region = ${var.aws_region}. Push it there, or correct aws_region: nodes would pull every image across regions."
  }
}

variable "metrics_namespace" {
  description = "Namespace whose pods may read both services' metrics; null lets nobody."
  type        = string
  default     = null
}

variable "load_demo_data" {
  description = "Load the synthetic patients into the database once it is there."
  type        = bool
}

variable "llm_mode" {
  description = "Who words chat-api's answers: mock, openai or anthropic."
  type        = string
}

variable "llm_model" {
  description = "Model that words the answers, by its vendor's name of it; not needed in mock mode."
  type        = string
  default     = null

  validation {
    condition     = var.llm_mode == "mock" || try(length(var.llm_model) > 0, false)
    error_message = "llm_mode = \"${var.llm_mode}\" needs a model: set llm_model to the vendor's name of one."
  }
}

variable "llm_base_url" {
  description = "Where the model answers; null is its vendor's own address."
  type        = string
  default     = null
}

variable "llm_api_key" {
  description = "Key of the model's vendor, from TF_VAR_llm_api_key. Reaches neither state nor plan."
  type        = string
  default     = ""
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.llm_mode == "mock" || length(var.llm_api_key) > 0
    error_message = "llm_mode = \"${var.llm_mode}\" needs a key: set TF_VAR_llm_api_key."
  }
}

variable "llm_api_key_revision" {
  description = "Raise it with each new llm_api_key."
  type        = number
  default     = 1
}

variable "phi_hash_key" {
  description = "Key of the hashes that stand for record numbers in chat-api's logs, from TF_VAR_phi_hash_key; empty lets each pod make its own. Reaches neither state nor plan."
  type        = string
  default     = ""
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.phi_hash_key == "" || length(var.phi_hash_key) >= 16
    error_message = "phi_hash_key must be 16 characters or more: set TF_VAR_phi_hash_key, such as by `openssl rand -hex 32`, or leave it out."
  }
}

variable "phi_hash_key_revision" {
  description = "Raise it with each new phi_hash_key."
  type        = number
  default     = 1
}

variable "vector_mode" {
  description = "VECTOR_MODE of chat-api: mock or pinecone."
  type        = string
}

variable "pinecone_api_key" {
  description = "Key of Pinecone, from TF_VAR_pinecone_api_key. Reaches neither state nor plan."
  type        = string
  default     = ""
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.vector_mode != "pinecone" || length(var.pinecone_api_key) > 0
    error_message = "vector_mode = \"pinecone\" needs a key: set TF_VAR_pinecone_api_key."
  }
}

variable "pinecone_api_key_revision" {
  description = "Raise it with each new pinecone_api_key."
  type        = number
  default     = 1
}

variable "service_token" {
  description = "Token that chat-api shows db-api, from TF_VAR_service_token; empty asks for none. Reaches neither state nor plan."
  type        = string
  default     = ""
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.service_token == "" || can(regex("^[!-~]{16,}$", var.service_token))
    error_message = "service_token must be 16 visible ASCII characters or more: set TF_VAR_service_token, such as by `openssl rand -hex 32`, or leave it out."
  }
}

variable "service_token_revision" {
  description = "Raise it with each new service_token."
  type        = number
  default     = 1
}

variable "pinecone_environment" {
  description = "Pinecone environment."
  type        = string
  default     = ""
}

variable "pinecone_index" {
  description = "Pinecone index of the documents."
  type        = string
  default     = "carepath-documents"
}

variable "scaling" {
  description = "Bounds of both autoscalers and the CPU share, in percent, that they aim at."
  type        = object({ min = number, max = number, cpu_percent = number })
}

variable "lb_source_ranges" {
  description = "IPv4 ranges of the users, which alone reach chat-api's load balancer."
  type        = set(string)
}

variable "allow_public_chat" {
  description = "Permit 0.0.0.0/0 in lb_source_ranges."
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "ACM certificate for HTTPS on 443; null serves plain HTTP on 80."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:[a-z-]+:acm:${var.aws_region}:", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate in aws_region, arn:aws:acm:${var.aws_region}:...: a load balancer takes none of another region."
  }
}
