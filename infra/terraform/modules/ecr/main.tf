locals {
  repositories = {
    db_api   = "carepath-db-api"
    chat_api = "carepath-chat-api"
  }
}

resource "aws_ecr_repository" "this" {
  for_each = local.repositories

  name                 = each.value
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.force_delete

  image_scanning_configuration {
    scan_on_push = true
  }

  # With AWS's own key, which has no fee.
  encryption_configuration {
    encryption_type = "KMS"
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = aws_ecr_repository.this

  repository = each.value.name

  # What a rule speaks of by its tag, no later rule may expire:
  # https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "What was ever deployed stays, for what runs and for a way back; the pipeline tags it before an apply."
        selection    = { tagStatus = "tagged", tagPrefixList = ["release-"], countType = "imageCountMoreThan", countNumber = var.keep_releases }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "What a failed push left behind."
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 3
        description  = "Of what was pushed and never deployed, the newest ${var.keep_images} stay."
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = var.keep_images }
        action       = { type = "expire" }
      },
    ]
  })
}
