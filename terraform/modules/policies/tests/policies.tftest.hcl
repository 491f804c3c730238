variables {
  name         = "martlet"
  roles        = ["metrics", "logs", "traces", "dashboards", "app"]
  partition    = "aws"
  region       = "eu-central-1"
  account      = "111122223333"
  snapshot_tag = "martlet-data"
  buckets      = { artifacts = "a", backups = "b", blocks = "c", access = "d" }
}

run "rights_of_instances" {
  command = plan

  assert {
    condition = join(" ", sort(distinct(flatten([for statement in jsondecode(output.instances["logs"]).Statement : statement.Action])))) == join(" ", [
      "cloudwatch:PutMetricData", "kms:Decrypt", "kms:GenerateDataKey", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "ssm:GetParameter",
      "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
    ])
    error_message = "the log server may do this and nothing else"
  }
  assert {
    condition = alltrue([for policy in values(output.instances) : alltrue([
      for statement in jsondecode(policy).Statement : !contains(statement.Resource, "*") || contains(["SessionManager", "Report"], statement.Sid)
    ])])
    error_message = "only calls that know no resources are allowed for all of them"
  }
  assert {
    condition     = alltrue([for policy in values(output.instances) : !strcontains(policy, ":*\"")])
    error_message = "no statement has all actions of a service"
  }
}

run "secrets" {
  command = plan

  assert {
    condition     = alltrue([for policy in values(output.instances) : !strcontains(policy, "/ca/key") && !strcontains(policy, "parameter/martlet/*")])
    error_message = "nobody reads the authority's key"
  }
  assert {
    condition = alltrue([for reader, policy in output.instances : alltrue([
      for owner in var.roles : owner == reader || !strcontains(policy, "/tls/${owner}/")
    ])])
    error_message = "nobody reads another's key"
  }
  assert {
    condition     = join(" ", [for role, policy in output.instances : role if strcontains(policy, "/tokens/scrape")]) == "metrics"
    error_message = "only the metric server scrapes"
  }
  assert {
    condition     = join(" ", [for role, policy in output.instances : role if strcontains(policy, "/tokens/query")]) == "dashboards"
    error_message = "only the dashboards ask"
  }
  assert {
    condition     = join(" ", [for role, policy in output.instances : role if strcontains(policy, "/alertmanager")]) == "metrics"
    error_message = "only the alert server's machine knows where alerts go"
  }
}

run "buckets" {
  command = plan

  assert {
    condition     = join(" ", [for role, policy in output.instances : role if strcontains(policy, "arn:aws:s3:::c")]) == "metrics"
    error_message = "only the metric server has blocks"
  }
  assert {
    condition     = alltrue([for role, policy in output.instances : strcontains(policy, "arn:aws:s3:::b/${role}/*") && !strcontains(policy, "arn:aws:s3:::b/*")])
    error_message = "copies go into the own folder"
  }
  assert {
    condition     = alltrue([for policy in values(output.buckets) : jsondecode(policy).Statement[0].Effect == "Deny" && jsondecode(policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"])
    error_message = "no bucket is served over plain HTTP"
  }
  assert {
    condition     = join(" ", [for purpose, policy in output.buckets : purpose if length(jsondecode(policy).Statement) > 1]) == "access"
    error_message = "only the bucket of logs takes logs"
  }
}

run "services" {
  command = plan

  assert {
    condition     = jsondecode(output.topic).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "alarms of other accounts are not taken"
  }
  assert {
    condition     = strcontains(output.assume.ec2, "ec2.amazonaws.com") && strcontains(output.assume.dlm, "dlm.amazonaws.com")
    error_message = "each role is for one service"
  }
}

run "snapshots" {
  command = plan

  assert {
    condition     = alltrue([for statement in jsondecode(output.snapshots).Statement : try(statement.Condition.StringEquals["aws:ResourceTag/Snapshots"], "") == "martlet-data" if contains(statement.Action, "ec2:DeleteSnapshot")])
    error_message = "only own snapshots are deleted"
  }
}

run "other_partitions" {
  command = plan
  variables { partition = "aws-us-gov" }

  assert {
    condition     = alltrue([for policy in concat(values(output.instances), values(output.buckets), [output.key, output.topic, output.snapshots]) : !strcontains(policy, "arn:aws:")])
    error_message = "every ARN has the partition"
  }
}
