mock_provider "aws" {
  source = "../../mocks"
}

run "both_repositories" {
  assert {
    condition     = tomap({ for key, repository in aws_ecr_repository.this : key => repository.name }) == tomap({ db_api = "carepath-db-api", chat_api = "carepath-chat-api" })
    error_message = "There is one for each service, and no other."
  }

  assert {
    condition     = output.db_api_repo_url == aws_ecr_repository.this["db_api"].repository_url && output.chat_api_repo_url == aws_ecr_repository.this["chat_api"].repository_url
    error_message = "Each output is its own service's repository."
  }

  assert {
    condition     = output.db_api_repo_url != output.chat_api_repo_url
    error_message = "The outputs are two."
  }
}

run "a_tag_never_comes_to_mean_another_image" {
  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE"])
    error_message = "Tags are immutable."
  }
}

run "every_image_is_scanned_and_encrypted" {
  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_scanning_configuration[0].scan_on_push])
    error_message = "A push starts a scan."
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.encryption_configuration[0].encryption_type == "KMS"])
    error_message = "Layers are encrypted by KMS."
  }
}

run "age_expires_nothing_that_has_a_tag" {
  assert {
    condition = alltrue([for policy in aws_ecr_lifecycle_policy.this :
      alltrue([for rule in jsondecode(policy.policy).rules : rule.selection.tagStatus == "untagged" if rule.selection.countType == "sinceImagePushed"])
    ])
    error_message = "Only what no tag names goes by its age."
  }

  assert {
    condition     = { for key, policy in aws_ecr_lifecycle_policy.this : key => policy.repository } == { for key, repository in aws_ecr_repository.this : key => repository.name }
    error_message = "Each repository has its rules."
  }
}

run "what_was_deployed_outlives_what_was_only_pushed" {
  assert {
    condition = alltrue([for policy in aws_ecr_lifecycle_policy.this :
      [for rule in jsondecode(policy.policy).rules : rule.rulePriority if try(contains(rule.selection.tagPrefixList, "release-"), false) && rule.selection.countNumber >= 100] == [1]
    ])
    error_message = "The first rule keeps a hundred releases or more: what it speaks of no later rule expires."
  }

  assert {
    condition = alltrue([for policy in aws_ecr_lifecycle_policy.this :
      alltrue([for rule in jsondecode(policy.policy).rules : rule.selection.countNumber >= 20 if rule.selection.tagStatus == "any"])
    ])
    error_message = "Of the others the newest twenty or more stay."
  }
}

run "keep_images_says_how_many" {
  variables {
    keep_images = 20
  }

  assert {
    condition     = contains([for rule in jsondecode(aws_ecr_lifecycle_policy.this["db_api"].policy).rules : rule.selection.countNumber if rule.selection.tagStatus == "any"], 20)
    error_message = "Twenty is enough, and is what the rule says."
  }
}

run "too_few_images_kept" {
  command = plan

  variables {
    keep_images = 19
  }

  expect_failures = [var.keep_images]
}

run "too_few_releases_kept" {
  command = plan

  variables {
    keep_releases = 99
  }

  expect_failures = [var.keep_releases]
}

run "a_destroy_takes_no_images_along" {
  assert {
    condition     = !anytrue([for repository in aws_ecr_repository.this : repository.force_delete])
    error_message = "A repository that holds images stays."
  }
}

run "a_destroy_takes_images_along_when_told" {
  variables {
    force_delete = true
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.force_delete])
    error_message = "force_delete reaches both repositories."
  }
}
