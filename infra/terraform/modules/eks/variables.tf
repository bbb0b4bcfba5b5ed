variable "cluster_name" {
  description = "Name of the cluster and prefix of all that belongs to it."
  type        = string
}

variable "aws_region" {
  description = "Region of the cluster; names the log service that may use its key."
  type        = string
}

variable "cluster_version" {
  description = "Kubernetes minor version. Moves up one minor at a time."
  type        = string

  validation {
    condition     = can(regex("^1\\.(3[5-9]|[4-9][0-9])$", var.cluster_version))
    error_message = "cluster_version must be 1.35 or newer: older ones are out of standard support and cost six times as much."
  }
}

variable "private_subnet_ids" {
  description = "Subnets of control plane, nodes and pods, in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) >= 2
    error_message = "private_subnet_ids must hold subnets of two zones or more: EKS makes no cluster in one."
  }
}

variable "public_access_cidrs" {
  description = "IPv4 ranges that may reach the cluster's API from the internet: pipeline and operators."
  type        = set(string)

  validation {
    condition     = length(var.public_access_cidrs) > 0
    error_message = "public_access_cidrs must not be empty: EKS reads an empty list as everybody. Write the ranges of pipeline and operators, such as [\"203.0.113.0/24\"]."
  }

  validation {
    condition     = alltrue([for cidr in var.public_access_cidrs : can(cidrnetmask(cidr)) && try(cidrsubnet(cidr, 0, 0) == cidr, false)])
    error_message = "public_access_cidrs must hold IPv4 ranges, each by its first address, such as 203.0.113.0/24; a single address is written 203.0.113.7/32."
  }

  validation {
    condition     = var.allow_public_api || !anytrue([for cidr in var.public_access_cidrs : try(tonumber(split("/", cidr)[1]) < 8, false)])
    error_message = "public_access_cidrs opens the cluster's API to everybody, or by a range wider than /8 to a good part of everybody. Write the ranges of pipeline and operators, or set allow_public_api = true if that is meant."
  }
}

variable "allow_public_api" {
  description = "Permit 0.0.0.0/0 in public_access_cidrs."
  type        = bool
}

variable "admin_principal_arns" {
  description = "IAM users and roles, beside the one that creates the cluster, that administer it. Role ARNs, not assumed-role ones."
  type        = set(string)

  validation {
    condition     = alltrue([for arn in var.admin_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "admin_principal_arns must hold IAM ARNs such as arn:aws:iam::123456789012:role/operators."
  }
}

variable "node_instance_types" {
  description = "Instance types of the nodes; more than one gives AWS a choice when one is short."
  type        = list(string)

  validation {
    condition     = length(var.node_instance_types) > 0
    error_message = "node_instance_types must name at least one instance type, such as t3.medium."
  }
}

variable "node_capacity_type" {
  description = "ON_DEMAND, or SPOT for a third of the price and nodes that AWS may take away."
  type        = string

  validation {
    condition     = contains(["ON_DEMAND", "SPOT"], var.node_capacity_type)
    error_message = "node_capacity_type must be ON_DEMAND or SPOT."
  }
}

variable "node_scaling" {
  description = "Bounds and number of nodes. Nothing moves the number between the bounds by itself, so `desired` must hold both autoscalers at their maximum."
  type = object({
    min     = number
    desired = number
    max     = number
  })

  validation {
    condition     = var.node_scaling.min >= 1 && var.node_scaling.min <= var.node_scaling.desired && var.node_scaling.desired <= var.node_scaling.max
    error_message = "node_scaling must satisfy 1 <= min <= desired <= max, such as { min = 2, desired = 2, max = 4 }."
  }

  validation {
    condition     = alltrue([for number in values(var.node_scaling) : floor(number) == number])
    error_message = "node_scaling must hold whole numbers: there is no half a node."
  }
}

variable "tags" {
  description = "Tags of the machines, disks and network interfaces that the node group starts."
  type        = map(string)
}

variable "node_disk_gib" {
  description = "Size of each node's disk, in GiB."
  type        = number

  validation {
    condition     = var.node_disk_gib >= 20
    error_message = "node_disk_gib must be at least 20: the node's image alone needs most of that."
  }
}

variable "addon_versions" {
  description = "Add-on -> its version, such as v1.13.2-eksbuild.31. Pinned, so that no plan changes a cluster because of the day it was made on."
  type        = map(string)

  validation {
    condition     = toset(keys(var.addon_versions)) == toset(["coredns", "kube-proxy", "metrics-server", "vpc-cni"])
    error_message = "addon_versions must name coredns, kube-proxy, metrics-server and vpc-cni, and no other."
  }

  validation {
    condition     = alltrue([for version in values(var.addon_versions) : can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+-eksbuild\\.[0-9]+$", version))])
    error_message = "addon_versions must hold versions such as v1.13.2-eksbuild.31. This lists them: aws eks describe-addon-versions --kubernetes-version ${var.cluster_version} --addon-name coredns"
  }

  # https://kubernetes.io/releases/version-skew-policy/#kube-proxy; EKS offers none but the cluster's own.
  validation {
    condition     = startswith(lookup(var.addon_versions, "kube-proxy", ""), "v${var.cluster_version}.")
    error_message = "addon_versions must pin a kube-proxy of the cluster's own version, v${var.cluster_version}.x. This lists them: aws eks describe-addon-versions --kubernetes-version ${var.cluster_version} --addon-name kube-proxy"
  }
}

variable "log_retention_days" {
  description = "Days to keep the control plane's logs."
  type        = number

  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a span that CloudWatch knows, such as 7, 14, 30, 90, 180 or 365."
  }
}
