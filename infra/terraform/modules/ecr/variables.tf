variable "keep_images" {
  description = "Images to keep in each repository, the newest first. Must outnumber the pushes between two deploys of a service, or what runs could expire."
  type        = number
  default     = 50

  validation {
    condition     = var.keep_images >= 20
    error_message = "keep_images must be at least 20: fewer could expire the image that runs, or the one a rollback needs."
  }
}

variable "force_delete" {
  description = "Let a destroy remove repositories that still hold images."
  type        = bool
}
