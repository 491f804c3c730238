# modules/plan and modules/user-data say what is refused, and why.

variable "region" {
  description = "AWS region."
  type        = string
}

variable "package" {
  description = "Path of martlet_VERSION_amd64.deb, as `make package` leaves it."
  type        = string
}

variable "name" {
  description = "Begins the names of all that is made."
  type        = string
  default     = "martlet"
}

variable "domain" {
  description = "Private DNS zone of the servers."
  type        = string
  default     = "martlet.internal"
}

variable "tags" {
  description = "Further tags of everything."
  type        = map(string)
  default     = {}
}

variable "vpc_cidr" {
  description = "Addresses of the VPC."
  type        = string
  default     = "10.0.0.0/16"
}

variable "public_subnet_cidr" {
  description = "Addresses of the public subnet: the NAT gateway, and the dashboards when they are public."
  type        = string
  default     = "10.0.1.0/24"
}

variable "private_subnet_cidr" {
  description = "Addresses of the private subnet: everything else."
  type        = string
  default     = "10.0.2.0/24"
}

variable "availability_zone" {
  description = "Zone of both subnets; null takes the region's zone a."
  type        = string
  default     = null
}

variable "ui_cidrs" {
  description = "Networks that may open the dashboards, ask the metric server with a token, and see the demo."
  type        = list(string)
  default     = []
}

variable "ssh_cidrs" {
  description = "Networks that may open SSH; Session Manager needs none."
  type        = list(string)
  default     = []
}

variable "ssh_key_name" {
  description = "EC2 key pair for SSH; null for none."
  type        = string
  default     = null
}

variable "public_dashboards" {
  description = "Gives the dashboards a public address, open to ui_cidrs."
  type        = bool
  default     = false
}

variable "demo" {
  description = "A fifth instance with the demo application."
  type        = bool
  default     = false
}

variable "instances" {
  description = "By role (metrics, logs, traces, dashboards, app): type, t3.small unless given, and disk in GiB, 30 unless given."
  type        = map(object({ type = optional(string), disk = optional(number) }))
  default     = {}
}

variable "restore_snapshots" {
  description = "By role, the snapshot that its data volume is made from."
  type        = map(string)
  default     = {}
}

variable "image" {
  description = "Public parameter that names the AMI: Ubuntu 24.04, which has Session Manager's agent."
  type        = string
  default     = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
}

variable "retention_days" {
  description = "How long metrics (15), logs (31) and traces (14) are kept."
  type        = object({ metrics = optional(number, 15), logs = optional(number, 31), traces = optional(number, 14) })
  default     = {}
}

variable "snapshots" {
  description = "Daily snapshots of the data volumes: how many are kept (7), when they are made (03:00, UTC)."
  type        = object({ keep = optional(number, 7), time = optional(string, "03:00") })
  default     = {}
}

variable "backup_days" {
  description = "How long nightly copies stay in the bucket."
  type        = number
  default     = 30
}

variable "alarm_emails" {
  description = "Who is told of CloudWatch alarms."
  type        = list(string)
  default     = []
}

variable "config_path" {
  description = "Directory with files of your own: metrics/*.yml (rules), dashboards/*.json; null for none."
  type        = string
  default     = null
}

variable "protect" {
  description = "Makes a last snapshot of a data volume that goes, and refuses to delete buckets that hold something."
  type        = bool
  default     = true
}
