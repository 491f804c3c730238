# What a deployment is told. The root module passes its variables of the same names through, so that every rule below is
# tested without a provider.

variable "name" {
  description = "Begins the names of all that is made, and the paths of the secrets."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 20 lower-case letters, digits and hyphens, and begin with a letter: it becomes part of bucket names."
  }
}

variable "domain" {
  description = "The private DNS zone; the servers are metrics.DOMAIN, logs.DOMAIN, traces.DOMAIN, dashboards.DOMAIN."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]*[a-z0-9]$", var.domain))
    error_message = "domain must be a DNS name of at least two parts in lower case, such as martlet.internal."
  }
}

variable "vpc_cidr" {
  description = "Addresses of the VPC."
  type        = string

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && can(regex("^[0-9.]+/(1[6-9]|2[0-6])$", var.vpc_cidr))
    error_message = "vpc_cidr must be an IPv4 network of 16 to 26 bits, such as 10.0.0.0/16."
  }
}

# A network is inside of another when it is no larger and has the other's bits; two overlap when one is inside of the other.

variable "public_subnet_cidr" {
  description = "Addresses of the subnet with a way in from the internet."
  type        = string

  validation {
    condition = try(
      tonumber(split("/", var.public_subnet_cidr)[1]) >= tonumber(split("/", var.vpc_cidr)[1])
      && cidrhost("${split("/", var.public_subnet_cidr)[0]}/${split("/", var.vpc_cidr)[1]}", 0) == cidrhost(var.vpc_cidr, 0)
      && tonumber(split("/", var.public_subnet_cidr)[1]) <= 28,
    false)
    error_message = "public_subnet_cidr must be an IPv4 network of at most 28 bits inside of vpc_cidr, such as 10.0.1.0/24 in 10.0.0.0/16."
  }
}

variable "private_subnet_cidr" {
  description = "Addresses of the subnet that only has a way out."
  type        = string

  validation {
    condition = try(
      tonumber(split("/", var.private_subnet_cidr)[1]) >= tonumber(split("/", var.vpc_cidr)[1])
      && cidrhost("${split("/", var.private_subnet_cidr)[0]}/${split("/", var.vpc_cidr)[1]}", 0) == cidrhost(var.vpc_cidr, 0)
      && tonumber(split("/", var.private_subnet_cidr)[1]) <= 28,
    false)
    error_message = "private_subnet_cidr must be an IPv4 network of at most 28 bits inside of vpc_cidr, such as 10.0.2.0/24 in 10.0.0.0/16."
  }

  validation {
    condition = try(length(distinct([
      for cidr in [var.public_subnet_cidr, var.private_subnet_cidr] :
      cidrhost("${split("/", cidr)[0]}/${min(split("/", var.public_subnet_cidr)[1], split("/", var.private_subnet_cidr)[1])}", 0)
    ])) == 2, true)
    error_message = "public_subnet_cidr and private_subnet_cidr overlap: give each its own addresses, such as 10.0.1.0/24 and 10.0.2.0/24."
  }
}

variable "ui_cidrs" {
  description = "Networks that may open the dashboards, ask the metric server and see the demo; none by default."
  type        = list(string)

  validation {
    condition     = alltrue([for cidr in var.ui_cidrs : can(cidrhost(cidr, 0)) && can(regex("^[0-9.]+/[0-9]+$", cidr))])
    error_message = "ui_cidrs must be IPv4 networks such as 203.0.113.7/32."
  }

  validation {
    condition     = alltrue([for cidr in var.ui_cidrs : try(tonumber(split("/", cidr)[1]) >= 8, true)])
    error_message = "ui_cidrs must not let the whole internet in: name your office's or VPN's networks, of at least 8 bits (0.0.0.0/0 is refused)."
  }
}

variable "ssh_cidrs" {
  description = "Networks that may open SSH; none by default, since Session Manager needs no open port."
  type        = list(string)

  validation {
    condition     = alltrue([for cidr in var.ssh_cidrs : can(cidrhost(cidr, 0)) && can(regex("^[0-9.]+/[0-9]+$", cidr))])
    error_message = "ssh_cidrs must be IPv4 networks such as 203.0.113.7/32."
  }

  validation {
    condition     = alltrue([for cidr in var.ssh_cidrs : try(tonumber(split("/", cidr)[1]) >= 16, true)])
    error_message = "ssh_cidrs must be small networks, of at least 16 bits; leave it empty and use Session Manager (0.0.0.0/0 is refused)."
  }
}

variable "public_dashboards" {
  description = "Puts the dashboards (and the demo) into the public subnet, with a fixed public address."
  type        = bool

  validation {
    condition     = !var.public_dashboards || length(var.ui_cidrs) > 0
    error_message = "public_dashboards makes no sense while ui_cidrs is empty: nobody could reach the address. Name the networks that may."
  }
}

variable "demo" {
  description = "A fifth instance with the demo application, which sends metrics, logs and traces."
  type        = bool
}

variable "instances" {
  description = "Instance type and size of the data volume in GiB, for metrics, logs, traces, dashboards and app."
  type        = map(object({ type = optional(string), disk = optional(number) }))

  validation {
    condition     = alltrue([for role in keys(var.instances) : contains(local.role_names, role)])
    error_message = "instances knows metrics, logs, traces, dashboards and app."
  }

  validation {
    condition     = alltrue([for one in values(var.instances) : one.type == null || can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", one.type))])
    error_message = "An instance's type must look like t3.small or m7i.large."
  }

  validation {
    condition     = alltrue([for one in values(var.instances) : one.type == null || !can(regex("^[a-z]+[0-9]+g[a-z]*\\.|^a1\\.", one.type))])
    error_message = "An instance's type must be of the x86 families: the packages are for amd64, and Graviton (a g after the number) is arm64."
  }

  validation {
    condition     = alltrue([for one in values(var.instances) : one.disk == null || try(one.disk >= 8 && one.disk <= 16384 && floor(one.disk) == one.disk, false)])
    error_message = "An instance's disk must be a whole number of GiB from 8 to 16384."
  }
}

variable "retention_days" {
  description = "How long metrics, logs and traces are kept."
  type        = object({ metrics = optional(number, 15), logs = optional(number, 31), traces = optional(number, 14) })

  validation {
    condition     = alltrue([for days in values(var.retention_days) : try(days >= 1 && days <= 3650 && floor(days) == days, false)])
    error_message = "retention_days must be whole numbers from 1 to 3650: with 0 the servers would keep everything until the disk is full."
  }
}

variable "snapshots" {
  description = "How many daily snapshots of each data volume are kept, and when they are made (UTC)."
  type        = object({ keep = optional(number, 7), time = optional(string, "03:00") })

  validation {
    condition     = try(var.snapshots.keep >= 1 && var.snapshots.keep <= 1000 && floor(var.snapshots.keep) == var.snapshots.keep, false)
    error_message = "snapshots.keep must be a whole number from 1 to 1000: without a snapshot a lost volume is lost data."
  }

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", var.snapshots.time))
    error_message = "snapshots.time must be a time of day in UTC, such as 03:00."
  }
}

variable "backup_days" {
  description = "How long the nightly copies of configuration, dashboards and silences stay in the bucket."
  type        = number

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 3650 && floor(var.backup_days) == var.backup_days
    error_message = "backup_days must be a whole number from 1 to 3650."
  }
}

variable "alarm_emails" {
  description = "Who is told of CloudWatch alarms; each address gets a mail to confirm."
  type        = list(string)

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alarm_emails must be mail addresses such as ops@example.org."
  }
}

variable "config_path" {
  description = "Directory with rules and dashboards of the user's own; null for none."
  type        = string

  validation {
    condition = var.config_path == null || try(
      length(fileset(var.config_path, "metrics/*.yml")) + length(fileset(var.config_path, "dashboards/**/*.json")) > 0,
    false)
    error_message = "config_path must be a directory with metrics/*.yml (rules) or dashboards/**/*.json; leave it out if you have none."
  }
}
