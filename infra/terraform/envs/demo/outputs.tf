output "db_api_repo_url" {
  description = "Where db-api's images are pushed."
  value       = module.ecr.db_api_repo_url
}

output "chat_api_repo_url" {
  description = "Where chat-api's images are pushed."
  value       = module.ecr.chat_api_repo_url
}

output "cluster_name" {
  description = "EKS cluster."
  value       = module.eks.cluster_name
}

output "cluster_endpoint" {
  description = "Address of the cluster's API."
  value       = module.eks.cluster_endpoint
}

output "configure_kubectl" {
  description = "Command that points kubectl at the cluster."
  value       = "aws eks update-kubeconfig --name ${module.eks.cluster_name} --region ${var.aws_region}"
}

output "namespace" {
  description = "Kubernetes namespace of both services."
  value       = module.app.namespace
}

output "chat_api_hostname" {
  description = "Host name of chat-api's load balancer; resolves some minutes after it is made."
  value       = module.app.chat_api_hostname
}

output "chat_api_url" {
  description = "Where people and the smoke test reach chat-api."
  value       = module.app.chat_api_hostname == null ? null : "${module.app.chat_api_scheme}://${module.app.chat_api_hostname}"
}

output "deployed_images" {
  description = "Image of each service, as deployed."
  value       = module.app.images
}
