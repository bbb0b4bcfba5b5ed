# Whom GitHub's workflows may act as in this account: docs/oidc.md. Applied once by an administrator, not by the pipeline.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }

  # Beside the environment's state: see docs/oidc.md for `init`.
  backend "s3" {}
}

provider "aws" {
  region              = var.aws_region
  allowed_account_ids = [var.aws_account_id]

  default_tags {
    tags = { Project = "carepath", Environment = var.environment, ManagedBy = "terraform" }
  }
}

locals {
  issuer = "token.actions.githubusercontent.com"
  # AWS makes it of account and issuer, so a plan shows each role's trust before anything is made.
  provider = "arn:aws:iam::${var.aws_account_id}:oidc-provider/${local.issuer}"

  # Repositories made, renamed or transferred since 15 July 2026 send their ids with their names, others do not.
  repositories = [
    "${var.owner}/${var.repository}",
    "${var.owner}@${var.owner_id}/${var.repository}@${var.repository_id}",
  ]

  # Role -> what a token must be about. A pull request's and main's may look, main's may push, only what the
  # environment's reviewers let through may change anything.
  contexts = {
    plan    = ["pull_request", "ref:refs/heads/main"]
    publish = ["ref:refs/heads/main"]
    deploy  = ["environment:${var.environment}"]
  }

  # What every token must say besides: a name may be somebody else's one day, a repository's number never is.
  always = {
    "${local.issuer}:aud"           = "sts.amazonaws.com"
    "${local.issuer}:repository_id" = tostring(var.repository_id)
  }
  # A subject that names an environment names no branch, and an environment's branch rule is set by hand.
  branches = {
    plan    = {}
    publish = { "${local.issuer}:ref" = "refs/heads/main" }
    deploy  = { "${local.issuer}:ref" = "refs/heads/main" }
  }

  # Role -> its policies, by name. Each is far from the 6,144 characters that a policy may have.
  policies = {
    plan    = { look = local.look, lock = local.lock }
    publish = { look = local.look, lock = local.lock, push = local.push }
    deploy  = { look = local.look, lock = local.lock, push = local.push, state = local.state, change = local.change, roles = local.roles }
  }
  attached = merge([
    for role, policies in local.policies : { for name, policy in policies : "${role}-${name}" => { role = role, policy = policy } }
  ]...)
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.make_provider ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "this" {
  for_each = local.contexts

  name        = "${var.name}-github-${each.key}"
  description = "GitHub's workflows of ${var.owner}/${var.repository}, to ${each.key}"
  # An apply that makes an EKS cluster takes 20 minutes and more; the others are done in minutes.
  max_session_duration = each.key == "deploy" ? 7200 : 3600

  depends_on = [aws_iam_openid_connect_provider.github]

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = merge(local.always, local.branches[each.key], {
          "${local.issuer}:sub" = [for pair in setproduct(local.repositories, each.value) : "repo:${pair[0]}:${pair[1]}"]
        })
      }
    }]
  })
}

resource "aws_iam_policy" "this" {
  for_each = local.attached

  name   = "${var.name}-github-${each.key}"
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value.policy })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.attached

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = aws_iam_policy.this[each.key].arn
}
