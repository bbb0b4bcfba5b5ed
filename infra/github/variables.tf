variable "aws_account_id" {
  description = "The one account that CarePath lives in, 12 digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.aws_account_id))
    error_message = "aws_account_id must be 12 digits."
  }
}

variable "aws_region" {
  description = "Where CarePath lives, as in the environment's terraform.tfvars."
  type        = string
}

variable "environment" {
  description = "The environment: GitHub's, whose reviewers let a deploy through, and the folder of infra/terraform/envs."
  type        = string
  default     = "demo"
}

variable "name" {
  description = "Name of cluster and namespace, as in the environment's terraform.tfvars."
  type        = string
  default     = "carepath-demo"
}

variable "owner" {
  description = "The GitHub organisation or user."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+$", var.owner))
    error_message = "owner must be a GitHub name, without a wildcard: whatever matches it may act in this account."
  }
}

variable "owner_id" {
  description = "The owner's number: gh api users/<owner> --jq .id"
  type        = number
}

variable "repository" {
  description = "The repository's name, without its owner."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.repository))
    error_message = "repository must be a GitHub name, without a wildcard: whatever matches it may act in this account."
  }
}

variable "repository_id" {
  description = "The repository's number: gh api repos/<owner>/<repository> --jq .id"
  type        = number
}

variable "make_provider" {
  description = "Whether to make the account's OIDC provider for GitHub; an account has at most one."
  type        = bool
  default     = true
}
