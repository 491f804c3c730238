output "dashboards_url" {
  description = "Where to look. Without a public address, open the tunnel of the next output first."
  value = (var.public_dashboards
    ? "https://${aws_eip.public["dashboards"].public_ip}:${module.plan.roles.dashboards.port}"
  : "https://localhost:${module.plan.roles.dashboards.port}")
}

output "dashboards_tunnel" {
  description = "Brings the dashboards to this machine, through Session Manager."
  value       = "aws ssm start-session --region ${var.region} --target ${aws_instance.this["dashboards"].id} --document-name AWS-StartPortForwardingSession --parameters portNumber=${module.plan.roles.dashboards.port},localPortNumber=${module.plan.roles.dashboards.port}"
}

output "first_password" {
  description = "Shows the generated password of the user admin."
  value       = "aws ssm start-session --region ${var.region} --target ${aws_instance.this["dashboards"].id} --document-name AWS-StartInteractiveCommand --parameters command='sudo cat /var/lib/martlet/dashboards/initial-admin-password'"
}

output "urls" {
  description = "The servers inside of the VPC."
  value       = module.plan.urls
}

output "demo_url" {
  description = "The demo application; null without it."
  value       = var.demo ? (var.public_dashboards ? "https://${aws_eip.public["app"].public_ip}:5000" : module.plan.urls.app) : null
}

output "sessions" {
  description = "A shell on each machine."
  value       = { for role, instance in aws_instance.this : role => "aws ssm start-session --region ${var.region} --target ${instance.id}" }
}

output "buckets" {
  description = "Bucket names by purpose."
  value       = local.buckets
}

output "application_security_group" {
  description = "Put applications that send metrics, logs or traces into this group."
  value       = aws_security_group.this["app"].id
}

output "private_subnet" {
  description = "Where applications may run."
  value       = aws_subnet.this["private"].id
}

output "roles" {
  description = "What runs, for terraform/deploy to wait for."
  value       = keys(module.plan.roles)
}

output "public_addresses" {
  description = "Addresses that certificates must name."
  value       = [for address in aws_eip.public : address.public_ip]
}
