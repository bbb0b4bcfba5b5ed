output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_eks_cluster.this.name
}

# Whoever talks to the cluster needs this value, so what is built on the cluster
# comes after nodes, add-ons and access, and goes before them: the app's load
# balancer is taken down while its controller still runs.
output "cluster_endpoint" {
  description = "Address of the cluster's API, once pods can run."
  value       = aws_eks_cluster.this.endpoint

  depends_on = [
    aws_eks_access_policy_association.admin,
    aws_eks_addon.after_nodes,
    aws_eks_addon.before_nodes,
    aws_eks_node_group.this,
  ]
}

output "cluster_certificate_authority_data" {
  description = "The API's certificate authority, base64."
  value       = aws_eks_cluster.this.certificate_authority[0].data
}

output "cluster_security_group_id" {
  description = "Security group that EKS puts on control plane and nodes."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "cluster_version" {
  description = "Kubernetes minor version of the control plane."
  value       = aws_eks_cluster.this.version
}

output "node_group_name" {
  description = "Name of the node group."
  value       = aws_eks_node_group.this.node_group_name
}

output "oidc_issuer_url" {
  description = "Issuer of the cluster's service-account tokens."
  value       = aws_eks_cluster.this.identity[0].oidc[0].issuer
}
