# Terraform tests a module as a root, where no output may be ephemeral. Here both
# ends of the secret are kept instead, so that a test can look at the address.

variable "password" {
  description = "Password of the user, kept for the tests' sake."
  type        = string
  ephemeral   = false
}

output "mongodb_connection_string" {
  description = "MONGODB_URI of db-api, kept for the tests' sake."
  ephemeral   = false
}
