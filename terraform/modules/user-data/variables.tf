variable "name" {
  type = string
}

variable "domain" {
  type = string
}

variable "region" {
  type = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be an AWS region such as eu-central-1."
  }
}

variable "roles" {
  description = "By role: its port, the id of its data volume (empty: none), days that data is kept."
  type        = map(object({ port = number, volume = string, retention_days = number }))
}

variable "buckets" {
  description = "Names of the buckets: artifacts, backups, and blocks (empty: blocks stay on the volume alone)."
  type        = object({ artifacts = string, backups = string, blocks = string })
}

variable "package" {
  description = "The package martlet_VERSION_amd64.deb: its key in the bucket, its SHA-256."
  type        = object({ key = string, sha256 = string })

  validation {
    condition     = can(regex("^packages/martlet_[A-Za-z0-9.+~-]+_amd64\\.deb$", var.package.key))
    error_message = "package must be the file martlet_VERSION_amd64.deb that `make package` leaves in .build/package."
  }

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.package.sha256))
    error_message = "The package's SHA-256 must be 64 hexadecimal digits: an unchecked package is not installed."
  }
}

variable "app" {
  description = "The demo application: its key in the bucket, its SHA-256, what pip installs for it."
  type        = object({ key = string, sha256 = string, requirements = string })
}
