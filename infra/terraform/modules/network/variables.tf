variable "name" {
  description = "Prefix of every resource's Name tag."
  type        = string
}

variable "aws_region" {
  description = "Region the network lies in; names the S3 endpoint's service."
  type        = string
}

variable "cluster_name" {
  description = "EKS cluster whose load balancers may use the subnets; a subnet tagged for another cluster is ignored by it."
  type        = string
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC, /16 to /18. Each zone takes a sixteenth for pods and nodes and a 256th for the public side."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(cidrsubnet(var.vpc_cidr, 0, 0) == var.vpc_cidr, false)
    error_message = "vpc_cidr must be the first address of an IPv4 range and its length, such as 10.20.0.0/16."
  }

  validation {
    condition     = try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 18, false)
    error_message = "vpc_cidr must be between /16 and /18: a smaller range has no room for three zones of pods. Write for example 10.20.0.0/16."
  }
}

variable "az_count" {
  description = "Availability zones to spread over, 2 or 3."
  type        = number

  validation {
    condition     = contains([2, 3], var.az_count)
    error_message = "az_count must be 2 or 3: EKS asks for two zones, and the address plan has room for three."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones, cheaper; false gives each zone its own, so that losing one zone cuts off no other."
  type        = bool
}

variable "enable_flow_logs" {
  description = "Log the addresses of all traffic of the VPC to CloudWatch. Costs by volume."
  type        = bool
}

variable "flow_log_retention_days" {
  description = "Days to keep flow logs."
  type        = number

  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_log_retention_days)
    error_message = "flow_log_retention_days must be a span that CloudWatch knows, such as 7, 14, 30, 90, 180 or 365."
  }
}
