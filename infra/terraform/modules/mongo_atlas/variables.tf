variable "org_id" {
  description = "Atlas organisation that the project is made in; not needed with project_id."
  type        = string
}

variable "project_id" {
  description = "Atlas project to use; null makes one."
  type        = string
}

variable "project_name" {
  description = "Name of the project, where one is made."
  type        = string
}

variable "cluster_name" {
  description = "Name of the cluster, unique in its project."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9-]{0,22}$", var.cluster_name))
    error_message = "cluster_name must be at most 23 letters, digits and hyphens: Atlas builds host names of it."
  }
}

variable "instance_size" {
  description = "M0 is free and shared, FLEX shared and billed by use, M10 and up dedicated."
  type        = string

  validation {
    condition     = contains(["M0", "FLEX", "M10", "M20", "M30"], var.instance_size)
    error_message = "instance_size must be M0, FLEX, M10, M20 or M30."
  }
}

variable "aws_region" {
  description = "AWS region of the cluster, in AWS's own form such as us-east-1."
  type        = string
}

variable "database_name" {
  description = "The one database that the user may read and write."
  type        = string

  # https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions, less what a URI would need encoded.
  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,38}$", var.database_name))
    error_message = "database_name must be 1 to 38 letters, digits, hyphens and underscores, such as carepath."
  }
}

variable "username" {
  description = "Database user of db-api."
  type        = string
}

variable "password" {
  description = "Password of the user. Reaches neither state nor plan."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "password_revision" {
  description = "Raise it with each new password: Terraform cannot see that a value it does not keep has changed."
  type        = number
}

variable "nat_public_ips" {
  description = "Zone -> address that may connect. Keyed by zone, since the addresses are not known at plan."
  type        = map(string)

  validation {
    condition     = length(var.nat_public_ips) > 0 && !anytrue([for address in values(var.nat_public_ips) : startswith(address, "0.0.0.0")])
    error_message = "nat_public_ips must name the NAT gateways' addresses; 0.0.0.0 would open the database to everybody."
  }

  validation {
    condition     = alltrue([for address in values(var.nat_public_ips) : can(cidrnetmask("${address}/32"))])
    error_message = "nat_public_ips must hold IPv4 addresses such as 203.0.113.7."
  }
}

variable "termination_protection" {
  description = "Refuse to destroy the cluster until this is turned off."
  type        = bool
}
