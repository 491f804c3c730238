# The defaults of the root module; each run changes what it is about.
variables {
  name                = "martlet"
  domain              = "martlet.internal"
  vpc_cidr            = "10.0.0.0/16"
  public_subnet_cidr  = "10.0.1.0/24"
  private_subnet_cidr = "10.0.2.0/24"
  ui_cidrs            = []
  ssh_cidrs           = []
  public_dashboards   = false
  demo                = false
  instances           = {}
  retention_days      = {}
  snapshots           = {}
  backup_days         = 30
  alarm_emails        = []
  config_path         = null
}

run "four_instances" {
  command = plan

  assert {
    condition     = join(" ", keys(output.roles)) == "dashboards logs metrics traces"
    error_message = "metrics, logs, traces and dashboards run by default"
  }
  assert {
    condition     = alltrue([for role in values(output.roles) : role.type == "t3.small" && role.disk == 30 && !role.public])
    error_message = "each is a private t3.small with 30 GiB"
  }
  assert {
    condition     = output.urls.traces == "https://traces.martlet.internal:3200"
    error_message = "URLs are https, with the name in the private zone"
  }
}

run "five_with_the_demo" {
  command = plan
  variables { demo = true }

  assert {
    condition     = output.roles.app.port == 5000 && output.roles.app.disk == 0
    error_message = "the demo has no data volume"
  }
}

run "sizes" {
  command = plan
  variables { instances = { logs = { type = "m7i.large", disk = 500 }, metrics = { disk = 100 } } }

  assert {
    condition     = output.roles.logs.type == "m7i.large" && output.roles.logs.disk == 500
    error_message = "both may be given"
  }
  assert {
    condition     = output.roles.metrics.type == "t3.small" && output.roles.metrics.disk == 100
    error_message = "or one of them"
  }
}

run "security_group_matrix" {
  command = plan

  assert {
    condition = join("\n", sort(keys(output.ingress))) == join("\n", sort([
      "app-5000-from-metrics", "app-9080-from-metrics",
      "dashboards-9080-from-metrics",
      "logs-3100-from-app", "logs-3100-from-dashboards", "logs-3100-from-metrics", "logs-3100-from-traces", "logs-9080-from-metrics",
      "metrics-9090-from-app", "metrics-9090-from-dashboards", "metrics-9093-from-dashboards",
      "traces-3200-from-dashboards", "traces-3200-from-metrics", "traces-4317-from-app", "traces-4318-from-app", "traces-9080-from-metrics",
    ]))
    error_message = "this is the whole matrix: nothing else may get in"
  }
  assert {
    condition     = alltrue([for rule in values(output.ingress) : rule.peer != null && rule.cidr == null])
    error_message = "by default every rule refers to a group, and no address is let in"
  }
  assert {
    condition     = alltrue([for name, rule in output.ingress : contains(keys(output.egress), "${rule.peer}-to-${rule.group}-${rule.port}")])
    error_message = "each conversation is allowed at both ends"
  }
  assert {
    condition     = alltrue([for rule in values(output.egress) : rule.cidr == null || contains([80, 443], rule.port)])
    error_message = "to the internet only HTTP and HTTPS go out"
  }
  assert {
    condition     = alltrue([for rule in concat(values(output.ingress), values(output.egress)) : length(rule.description) <= 255 && can(regex("^[a-zA-Z0-9. _:/()#,@+=&;{}!$*-]+$", rule.description))])
    error_message = "descriptions have the characters that EC2 takes"
  }
}

run "people" {
  command = plan
  variables {
    ui_cidrs          = ["203.0.113.0/24"]
    ssh_cidrs         = ["203.0.113.7/32"]
    public_dashboards = true
  }

  assert {
    condition     = join(" ", sort([for name, rule in output.ingress : "${rule.group}:${rule.port}" if rule.cidr == "203.0.113.0/24"])) == "app:5000 dashboards:3000 metrics:9090"
    error_message = "people reach the dashboards, the metric server and the demo"
  }
  assert {
    condition     = length([for rule in values(output.ingress) : rule if rule.port == 22 && rule.cidr == "203.0.113.7/32"]) == 5
    error_message = "SSH is open where it was asked for"
  }
  assert {
    condition     = output.roles.dashboards.public && !output.roles.metrics.public && !output.roles.logs.public && !output.roles.traces.public
    error_message = "stores are never public"
  }
}

run "alarms" {
  command = plan

  assert {
    condition     = length(output.alarms) == 4 * 7
    error_message = "every instance has every alarm"
  }
  assert {
    condition     = output.alarms["logs-cpu"].threshold == 80 && output.alarms["logs-cpu"].period * output.alarms["logs-cpu"].periods == 300
    error_message = "CPU: 80% for 5 minutes"
  }
  assert {
    condition     = output.alarms["logs-memory"].threshold == 85 && output.alarms["logs-memory"].period * output.alarms["logs-memory"].periods == 300
    error_message = "memory: 85% for 5 minutes"
  }
  assert {
    condition     = output.alarms["logs-disk"].threshold == 85 && output.alarms["logs-disk"].period * output.alarms["logs-disk"].periods == 900
    error_message = "disk: 85% for 15 minutes"
  }
  assert {
    condition     = output.alarms["logs-errors"].threshold == 10 && output.alarms["logs-errors"].period * output.alarms["logs-errors"].periods == 60
    error_message = "errors: 10 in a minute"
  }
  assert {
    condition     = output.alarms["logs-ready"].missing == "breaching"
    error_message = "a machine that says nothing is not ready"
  }
  assert {
    condition     = join(" ", [for name, alarm in output.alarms : name if alarm.recover]) == "dashboards-status logs-status metrics-status traces-status"
    error_message = "a broken host moves the instance"
  }
}

run "copies" {
  command = plan

  assert {
    condition     = output.snapshots.keep == 7 && output.buckets.backups.expire_days == 30
    error_message = "a week of snapshots, a month of copies"
  }
  assert {
    condition     = output.buckets.blocks.expire_days == 0
    error_message = "the bucket never deletes a block by its age"
  }
  assert {
    condition     = output.retention_days.metrics == 15 && output.retention_days.logs == 31 && output.retention_days.traces == 14
    error_message = "the servers' own defaults"
  }
}

run "files_of_the_users_own" {
  command = plan
  variables { config_path = "./tests/config" }

  assert {
    condition     = join(" ", output.config) == "dashboards/team/board.json metrics/rules.yml"
    error_message = "rules go to the metric server, dashboards with their folders to the dashboards"
  }
}

# What makes no sense.
run "directory_that_is_not_there" {
  command = plan
  variables { config_path = "./nowhere" }
  expect_failures = [var.config_path]
}
run "directory_without_rules_and_dashboards" {
  command = plan
  variables { config_path = "./tests/config/dashboards/team" }
  expect_failures = [var.config_path]
}
run "empty_name" {
  command = plan
  variables { name = "" }
  expect_failures = [var.name]
}
run "name_that_no_bucket_could_have" {
  command = plan
  variables { name = "My_Stack" }
  expect_failures = [var.name]
}
run "empty_domain" {
  command = plan
  variables { domain = "" }
  expect_failures = [var.domain]
}
run "domain_of_one_part" {
  command = plan
  variables { domain = "internal" }
  expect_failures = [var.domain]
}
run "vpc_that_is_no_network" {
  command = plan
  variables { vpc_cidr = "10.0.0.0" }
  expect_failures = [var.vpc_cidr]
}
run "vpc_larger_than_aws_allows" {
  command = plan
  variables { vpc_cidr = "10.0.0.0/8" }
  expect_failures = [var.vpc_cidr]
}
run "overlapping_subnets" {
  command = plan
  variables { private_subnet_cidr = "10.0.1.128/25" }
  expect_failures = [var.private_subnet_cidr]
}
run "one_subnet_around_the_other" {
  command = plan
  variables { public_subnet_cidr = "10.0.0.0/20" }
  expect_failures = [var.private_subnet_cidr]
}
run "subnet_outside_of_the_vpc" {
  command = plan
  variables { public_subnet_cidr = "10.1.1.0/24" }
  expect_failures = [var.public_subnet_cidr]
}
run "subnet_that_is_no_network" {
  command = plan
  variables { private_subnet_cidr = "ten" }
  expect_failures = [var.private_subnet_cidr]
}
run "dashboards_for_the_whole_internet" {
  command = plan
  variables { ui_cidrs = ["0.0.0.0/0"] }
  expect_failures = [var.ui_cidrs]
}
run "the_whole_internet_in_two_halves" {
  command = plan
  variables { ui_cidrs = ["0.0.0.0/1", "128.0.0.0/1"] }
  expect_failures = [var.ui_cidrs]
}
run "address_without_a_mask" {
  command = plan
  variables { ui_cidrs = ["203.0.113.7"] }
  expect_failures = [var.ui_cidrs]
}
run "ssh_for_the_whole_internet" {
  command = plan
  variables { ssh_cidrs = ["0.0.0.0/0"] }
  expect_failures = [var.ssh_cidrs]
}
run "public_for_nobody" {
  command = plan
  variables { public_dashboards = true }
  expect_failures = [var.public_dashboards]
}
run "unknown_role" {
  command = plan
  variables { instances = { log = { disk = 30 } } }
  expect_failures = [var.instances]
}
run "graviton" {
  command = plan
  variables { instances = { logs = { type = "m7g.large" } } }
  expect_failures = [var.instances]
}
run "empty_type" {
  command = plan
  variables { instances = { logs = { type = "" } } }
  expect_failures = [var.instances]
}
run "no_disk" {
  command = plan
  variables { instances = { logs = { disk = 0 } } }
  expect_failures = [var.instances]
}
run "retention_of_nothing" {
  command = plan
  variables { retention_days = { logs = 0 } }
  expect_failures = [var.retention_days]
}
run "retention_of_half_a_day" {
  command = plan
  variables { retention_days = { traces = 0.5 } }
  expect_failures = [var.retention_days]
}
run "no_snapshots" {
  command = plan
  variables { snapshots = { keep = 0 } }
  expect_failures = [var.snapshots]
}
run "no_time_of_day" {
  command = plan
  variables { snapshots = { time = "3 am" } }
  expect_failures = [var.snapshots]
}
run "copies_for_no_day" {
  command = plan
  variables { backup_days = 0 }
  expect_failures = [var.backup_days]
}
run "address_of_nobody" {
  command = plan
  variables { alarm_emails = ["ops"] }
  expect_failures = [var.alarm_emails]
}
