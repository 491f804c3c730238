# The script that makes a server of a plain Debian or Ubuntu, for each role: settings, what all have in common, and what is
# the role's own. It holds no secret: those are read from Systems Manager's parameters at boot.

terraform {
  required_version = ">= 1.11"
}

locals {
  settings = { for role, one in var.roles : role => merge(
    {
      ROLE           = role
      HOSTS          = join(" ", keys(var.roles))
      STACK          = var.name
      DOMAIN         = var.domain
      REGION         = var.region
      PORT           = one.port
      PROBE          = role == "app" ? "/health" : "/-/ready"
      VOLUME         = one.volume
      RETENTION_DAYS = one.retention_days
      ARTIFACTS      = var.buckets.artifacts
      BACKUPS        = var.buckets.backups
      BLOCKS         = var.buckets.blocks
      PACKAGE_KEY    = var.package.key
      PACKAGE_SHA256 = var.package.sha256
    },
    role == "app" ? {
      APP_KEY          = var.app.key
      APP_SHA256       = var.app.sha256
      APP_REQUIREMENTS = var.app.requirements
    } : {},
  ) }

  scripts = { for role, settings in local.settings : role => join("\n", [
    "#!/bin/bash",
    "# Makes this machine the ${role} server of ${var.name}. Running it again changes nothing that is as it should be.",
    join("\n", [for name, value in settings : "${name}='${value}'"]),
    "",
    # Comments stay here: there is room for 16 KiB only.
    replace(file("${path.module}/scripts/common.sh"), "/(?m)^ *# .*\n/", ""),
    replace(file("${path.module}/scripts/${role}.sh"), "/(?m)^ *# .*\n/", ""),
    "if [ \"$${BASH_SOURCE[0]}\" = \"$0\" ]; then main; fi",
    "",
  ]) }
}

output "scripts" {
  description = "User data by role."
  value       = local.scripts

  precondition {
    condition     = alltrue([for script in values(local.scripts) : length(script) <= 16384])
    error_message = "EC2 takes 16384 bytes of user data: ${join(", ", [for role, script in local.scripts : "${role} has ${length(script)}"])}."
  }
}
