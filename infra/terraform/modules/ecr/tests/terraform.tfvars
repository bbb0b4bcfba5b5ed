force_delete  = false
keep_releases = 1000
keep_images   = 50
