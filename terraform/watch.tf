# Alarms, whom they go to, and daily snapshots of the data volumes.

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = aws_kms_key.this.arn
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = module.policies.topic
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each = toset(var.alarm_emails)

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = module.plan.alarms

  alarm_name          = each.value.name
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.periods
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  dimensions = (each.value.namespace == "AWS/EC2"
    ? { InstanceId = aws_instance.this[each.value.role].id }
  : { Stack = var.name, Role = each.value.role })
  alarm_actions = concat(
    [aws_sns_topic.alarms.arn],
    each.value.recover ? ["arn:${data.aws_partition.this.partition}:automate:${var.region}:ec2:recover"] : [],
  )
  ok_actions = [aws_sns_topic.alarms.arn]
}

resource "aws_dlm_lifecycle_policy" "data" {
  description        = "${var.name} data volumes, daily"
  execution_role_arn = aws_iam_role.snapshots.arn
  state              = "ENABLED"

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { Snapshots = module.plan.snapshots.tag }

    schedule {
      name      = "daily"
      copy_tags = true

      create_rule {
        interval      = 24
        interval_unit = "HOURS"
        times         = [module.plan.snapshots.time]
      }

      retain_rule {
        count = module.plan.snapshots.keep
      }
    }
  }
}
