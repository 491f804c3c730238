variable "name" {
  description = "Of the deployment: the parameters are below /NAME/."
  type        = string
}

variable "roles" {
  description = "Roles that run."
  type        = list(string)
}

variable "partition" {
  description = "aws or aws-us-gov."
  type        = string
}

variable "region" {
  type = string
}

variable "account" {
  type = string
}

variable "snapshot_tag" {
  description = "Value of the tag Snapshots, of volumes and snapshots that are the deployment's own."
  type        = string
}

variable "buckets" {
  description = "Bucket names by purpose: artifacts, backups, blocks, access."
  type        = map(string)
}
