force_delete = false
