output "assume" {
  description = "Who may take a role: by service."
  value = { for service in ["ec2", "dlm"] : service => jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = { Service = "${service}.amazonaws.com" }, Action = "sts:AssumeRole"
  }] }) }
}

output "instances" {
  description = "By role, what its instance may do."
  value       = { for role, statements in local.instances : role => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

output "snapshots" {
  description = "What the snapshot service may do."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.snapshots })
}

output "buckets" {
  description = "By purpose, the bucket's policy."
  value = { for purpose, statement in local.tls_only : purpose => jsonencode({
    Version = "2012-10-17", Statement = concat([statement], [for one in local.log_delivery : one if purpose == "access"])
  }) }
}

output "key" {
  description = "Of the key that encrypts volumes, buckets and the topic."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.key })
}

output "topic" {
  description = "Of the topic that alarms go to."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.topic })
}
