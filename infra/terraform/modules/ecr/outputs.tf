output "db_api_repo_url" {
  description = "Repository of db-api's images, without tag or digest."
  value       = aws_ecr_repository.this["db_api"].repository_url
}

output "chat_api_repo_url" {
  description = "Repository of chat-api's images, without tag or digest."
  value       = aws_ecr_repository.this["chat_api"].repository_url
}
