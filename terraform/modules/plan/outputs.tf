output "role_names" {
  description = "All roles, those that run and the group `app`, which applications of your own may join."
  value       = local.role_names
}

output "roles" {
  description = "What runs: by role its server, ports, host name, instance type and data volume in GiB."
  value       = local.roles
}

output "ingress" {
  description = "Rules of the security groups; each has a `peer`, another role's group, or a `cidr`."
  value       = local.ingress
}

output "egress" {
  description = "The same for what goes out."
  value       = local.egress
}

output "alarms" {
  description = "CloudWatch alarms by ROLE-KIND."
  value       = local.alarms
}

output "buckets" {
  description = "What each bucket is for, and after how many days objects, and replaced or deleted versions of them, go; 0 keeps them."
  value = {
    artifacts = { expire_days = 0, old_versions_days = 90 }
    backups   = { expire_days = var.backup_days, old_versions_days = var.backup_days }
    # The metric server deletes blocks itself, by its retention.
    blocks = { expire_days = 0, old_versions_days = 7 }
    access = { expire_days = 90, old_versions_days = 7 }
  }
}

output "snapshots" {
  description = "Daily snapshots: time, number, and the tag of the volumes."
  value       = { time = var.snapshots.time, keep = var.snapshots.keep, tag = "${var.name}-data" }
}

output "urls" {
  description = "The servers inside of the VPC."
  value       = { for name, role in local.roles : name => "https://${role.host}:${role.port}" }
}

output "retention_days" {
  description = "By role, for the instances' configuration; 0 where nothing is kept."
  value       = merge({ dashboards = 0, app = 0 }, var.retention_days)
}

output "config" {
  description = "Files of config_path that go to the machines, as ROLE/NAME."
  value       = local.config
}
