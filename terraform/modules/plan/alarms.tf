# CloudWatch alarms of every instance. CPU and status come from EC2; the rest is reported once a minute by the instance.

locals {
  alarm_kinds = {
    cpu = {
      namespace   = "AWS/EC2", metric = "CPUUtilization", statistic = "Average", period = 300, periods = 1
      comparison  = "GreaterThanThreshold", threshold = 80, missing = "missing", recover = false
      description = "CPU above 80% for 5 minutes"
    }
    memory = {
      namespace   = "Martlet", metric = "MemoryUtilization", statistic = "Average", period = 300, periods = 1
      comparison  = "GreaterThanThreshold", threshold = 85, missing = "missing", recover = false
      description = "memory above 85% for 5 minutes"
    }
    disk = {
      namespace   = "Martlet", metric = "DiskSpaceUtilization", statistic = "Average", period = 300, periods = 3
      comparison  = "GreaterThanThreshold", threshold = 85, missing = "missing", recover = false
      description = "data volume above 85% for 15 minutes"
    }
    errors = {
      namespace   = "Martlet", metric = "ServerErrors", statistic = "Sum", period = 60, periods = 1
      comparison  = "GreaterThanOrEqualToThreshold", threshold = 10, missing = "notBreaching", recover = false
      description = "10 or more answers with a 5xx status within a minute"
    }
    ready = {
      namespace   = "Martlet", metric = "Ready", statistic = "Minimum", period = 60, periods = 3
      comparison  = "LessThanThreshold", threshold = 1, missing = "breaching", recover = false
      description = "the server is not ready, or its machine has been silent, for 3 minutes"
    }
    certificate = {
      namespace   = "Martlet", metric = "CertificateDays", statistic = "Minimum", period = 3600, periods = 1
      comparison  = "LessThanThreshold", threshold = 21, missing = "missing", recover = false
      description = "the certificate ends in less than 21 days"
    }
    status = {
      namespace   = "AWS/EC2", metric = "StatusCheckFailed_System", statistic = "Maximum", period = 60, periods = 2
      comparison  = "GreaterThanThreshold", threshold = 0, missing = "missing", recover = true
      description = "the host below the instance fails; the instance is moved to another"
    }
  }
  alarms = merge([
    for role in keys(local.roles) : {
      for kind, alarm in local.alarm_kinds : "${role}-${kind}" => merge(alarm, {
        role = role, name = "${var.name}-${role}-${kind}", description = "${role}: ${alarm.description}"
      })
    }
  ]...)
}
