output "namespace" {
  description = "Namespace of both services."
  value       = kubernetes_namespace_v1.this.metadata[0].name
}

output "db_api_service_name" {
  description = "Service of db-api, reachable inside the cluster only."
  value       = kubernetes_service_v1.db_api.metadata[0].name
}

output "chat_api_service_name" {
  description = "Service of chat-api."
  value       = kubernetes_service_v1.chat_api.metadata[0].name
}

output "chat_api_hostname" {
  description = "Host name of chat-api's load balancer; null until it has one. Takes some minutes to resolve."
  value       = try(kubernetes_service_v1.chat_api.status[0].load_balancer[0].ingress[0].hostname, null)
}

output "chat_api_scheme" {
  description = "https where the load balancer has a certificate, else http."
  value       = kubernetes_service_v1.chat_api.spec[0].port[0].name
}

# Read off the Deployments, not the variables: an apply of something else must not say these run.
output "images" {
  description = "Image of each service, as deployed."
  value = {
    db_api   = kubernetes_deployment_v1.db_api.spec[0].template[0].spec[0].container[0].image
    chat_api = kubernetes_deployment_v1.chat_api.spec[0].template[0].spec[0].container[0].image
  }
}
