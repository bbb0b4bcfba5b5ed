output "mongodb_connection_string" {
  description = "MONGODB_URI of db-api, password included. Ephemeral: it can be handed on, not kept."
  value       = "mongodb+srv://${local.encoded_username}:${local.encoded_password}@${local.host}/${var.database_name}?${local.options}"
  ephemeral   = true
  sensitive   = true

  precondition {
    condition     = startswith(mongodbatlas_advanced_cluster.this.connection_strings.standard_srv, "mongodb+srv://")
    error_message = "Atlas gave the cluster no mongodb+srv address. Look at the cluster in Atlas, then apply again."
  }

  depends_on = [
    mongodbatlas_database_user.app,
    mongodbatlas_project_ip_access_list.nat,
  ]
}

output "mongodb_host" {
  description = "Host name of the cluster; changes when the cluster is replaced."
  value       = local.host
}

output "project_id" {
  description = "Atlas project of the cluster."
  value       = local.project_id
}
