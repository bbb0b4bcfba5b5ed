variable "keep_releases" {
  description = "Images that were deployed to keep in each repository, the newest first: so many releases a rollback can go back."
  type        = number

  validation {
    condition     = var.keep_releases >= 100
    error_message = "keep_releases must be at least 100: what runs after a rollback may be an old release, and must not expire."
  }
}

variable "keep_images" {
  description = "Images to keep in each repository beside the deployed ones, the newest first."
  type        = number

  validation {
    condition     = var.keep_images >= 20
    error_message = "keep_images must be at least 20: fewer could expire an image between its push and its deploy."
  }
}

variable "force_delete" {
  description = "Let a destroy remove repositories that still hold images."
  type        = bool
}
