output "roles" {
  description = "For the repository's variables: plan -> AWS_PLAN_ROLE, publish -> AWS_PUBLISH_ROLE, deploy -> AWS_DEPLOY_ROLE."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
}
