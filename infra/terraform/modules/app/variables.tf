variable "namespace" {
  description = "Kubernetes namespace of everything here."
  type        = string
}

variable "kubernetes_version" {
  description = "Minor version of the cluster, whose Pod Security rules are enforced."
  type        = string
}

variable "vpc_cidr" {
  description = "IPv4 range of the nodes, which the load balancer's traffic comes through."
  type        = string
}

################################################################################
# Images
################################################################################

variable "db_api_image" {
  description = "Image of db-api, by digest: repository@sha256:..."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.db_api_image))
    error_message = "db_api_image must end in @sha256: and 64 hexadecimal digits. A tag can come to mean another image, and no pod would roll."
  }
}

variable "chat_api_image" {
  description = "Image of chat-api, by digest: repository@sha256:..."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.chat_api_image))
    error_message = "chat_api_image must end in @sha256: and 64 hexadecimal digits. A tag can come to mean another image, and no pod would roll."
  }
}

################################################################################
# Settings and secrets
################################################################################

variable "mongodb_connection_string" {
  description = "MONGODB_URI of db-api. Reaches neither state nor plan."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "mongodb_secret_revision" {
  description = "Whole number that changes whenever mongodb_connection_string does; a change rewrites the Secret and rolls db-api's pods."
  type        = number
}

variable "mongodb_server" {
  description = "What tells the database's server from another, no secret; another one is given the demo data anew."
  type        = string
}

variable "mongodb_egress" {
  description = "Where db-api's pods may reach MongoDB; the whole internet at one port for Atlas, whose hosts move."
  type        = object({ cidr = string, port = number })

  validation {
    condition     = can(cidrnetmask(var.mongodb_egress.cidr)) && var.mongodb_egress.port >= 1 && var.mongodb_egress.port <= 65535
    error_message = "mongodb_egress must name an IPv4 range and a port, such as { cidr = \"10.20.3.4/32\", port = 27017 }."
  }
}

variable "mongodb_db_name" {
  description = "Database that db-api reads."
  type        = string
}

variable "llm_mode" {
  description = "LLM_MODE of chat-api: mock, openai or anthropic; mock asks nobody and needs no key."
  type        = string

  validation {
    condition     = contains(["mock", "openai", "anthropic"], var.llm_mode)
    error_message = "llm_mode must be mock, openai or anthropic."
  }
}

variable "llm_model" {
  description = "LLM_MODEL of chat-api; null in mock mode."
  type        = string
}

variable "llm_base_url" {
  description = "LLM_BASE_URL of chat-api; null is the vendor's own."
  type        = string

  validation {
    condition     = var.llm_base_url == null || can(regex("^https://[a-zA-Z0-9.-]+(:443)?(/[!-~]*)?$", var.llm_base_url))
    error_message = "llm_base_url must be an https:// address on port 443, the only one that chat-api's pods can reach, such as https://llm.example.com/v1. Leave it out for the vendor's own."
  }
}

variable "llm_api_key" {
  description = "LLM_API_KEY of chat-api; empty in mock mode. Reaches neither state nor plan."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "llm_api_key_revision" {
  description = "Raise it with each new llm_api_key."
  type        = number
}

variable "phi_hash_key" {
  description = "PHI_HASH_KEY of chat-api; empty lets each pod make its own. Reaches neither state nor plan."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "phi_hash_key_revision" {
  description = "Raise it with each new phi_hash_key."
  type        = number
}

variable "vector_mode" {
  description = "VECTOR_MODE of chat-api: mock or pinecone."
  type        = string

  validation {
    condition     = contains(["mock", "pinecone"], var.vector_mode)
    error_message = "vector_mode must be mock or pinecone."
  }
}

variable "pinecone_api_key" {
  description = "Key of Pinecone; empty in mock mode. Reaches neither state nor plan."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "pinecone_api_key_revision" {
  description = "Raise it with each new pinecone_api_key."
  type        = number
}

variable "service_token" {
  description = "SERVICE_TOKEN of both services, which chat-api shows db-api; empty asks for none. Reaches neither state nor plan."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "service_token_revision" {
  description = "Raise it with each new service_token; a change rolls both services' pods."
  type        = number
}

variable "pinecone_environment" {
  description = "Pinecone environment; empty in mock mode."
  type        = string
}

variable "pinecone_index" {
  description = "Pinecone index that holds the documents."
  type        = string
}

################################################################################
# Scale and exposure
################################################################################

variable "scaling" {
  description = "Bounds of both autoscalers, and the share of the requested CPU, in percent, that they aim at."
  type = object({
    min         = number
    max         = number
    cpu_percent = number
  })

  validation {
    condition     = var.scaling.min >= 2 && var.scaling.min <= var.scaling.max
    error_message = "scaling must satisfy 2 <= min <= max: with a single pod no node could ever be drained."
  }

  validation {
    condition     = var.scaling.cpu_percent > 0 && var.scaling.cpu_percent <= 100
    error_message = "scaling.cpu_percent must be between 1 and 100."
  }

  validation {
    condition     = alltrue([for number in values(var.scaling) : floor(number) == number])
    error_message = "scaling must hold whole numbers: there is no half a pod."
  }
}

variable "lb_source_ranges" {
  description = "IPv4 ranges that may reach chat-api's load balancer."
  type        = set(string)

  validation {
    condition     = length(var.lb_source_ranges) > 0
    error_message = "lb_source_ranges must not be empty: Kubernetes reads an empty list as everybody. Write the ranges of the users, such as [\"203.0.113.0/24\"]."
  }

  validation {
    condition     = alltrue([for cidr in var.lb_source_ranges : can(cidrnetmask(cidr)) && try(cidrsubnet(cidr, 0, 0) == cidr, false)])
    error_message = "lb_source_ranges must hold IPv4 ranges, each by its first address, such as 203.0.113.0/24; a single address is written 203.0.113.7/32."
  }

  validation {
    condition     = var.allow_public_chat || !anytrue([for cidr in var.lb_source_ranges : try(tonumber(split("/", cidr)[1]) < 8, false)])
    error_message = "lb_source_ranges opens chat-api to everybody, or by a range wider than /8 to a good part of everybody. Write the ranges of the users, or set allow_public_chat = true if that is meant."
  }
}

variable "allow_public_chat" {
  description = "Permit 0.0.0.0/0 in lb_source_ranges."
  type        = bool
}

variable "certificate_arn" {
  description = "ACM certificate of the load balancer, which then serves HTTPS on 443; null serves plain HTTP on 80."
  type        = string

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:[a-z-]+:acm:", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate, arn:aws:acm:..., or null."
  }
}

variable "tags" {
  description = "Tags of the load balancer in AWS."
  type        = map(string)

  # They are written as one text, k=v,k=v.
  validation {
    condition     = alltrue([for text in concat(keys(var.tags), values(var.tags)) : can(regex("^[^,=]+$", text))])
    error_message = "tags must hold neither commas nor equals signs, and no empty text: the load balancer's controller reads them as Project=carepath,Environment=demo."
  }
}

variable "metrics_namespace" {
  description = "Namespace whose pods may read both services' metrics, such as monitoring; null lets nobody."
  type        = string
}

variable "load_demo_data" {
  description = "Load the synthetic patients into the database once it is there."
  type        = bool
}
