resource "aws_instance" "this" {
  for_each = module.plan.roles

  ami                         = data.aws_ssm_parameter.image.insecure_value
  instance_type               = each.value.type
  subnet_id                   = aws_subnet.this[each.value.public ? "public" : "private"].id
  vpc_security_group_ids      = [aws_security_group.this[each.key].id]
  iam_instance_profile        = aws_iam_instance_profile.this[each.key].name
  key_name                    = var.ssh_key_name
  associate_public_ip_address = false
  user_data                   = module.user_data.scripts[each.key]
  user_data_replace_on_change = true
  ebs_optimized               = true
  monitoring                  = true

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = 16
    encrypted   = true
    kms_key_id  = aws_kms_key.this.arn
  }

  tags = { Name = "${var.name}-${each.key}", Role = each.key }

  # Everything that the first boot needs.
  depends_on = [
    aws_s3_object.package, aws_s3_object.app, aws_s3_object.config, aws_s3_bucket_policy.this, aws_iam_role_policy.instance, aws_kms_alias.this,
    aws_route.private, aws_route.public, aws_route_table_association.this, aws_vpc_endpoint.s3,
    aws_vpc_security_group_egress_rule.this, aws_vpc_security_group_ingress_rule.this,
  ]

  lifecycle {
    # A newer image alone is no reason to replace a server: `terraform apply -replace` takes it up.
    ignore_changes = [ami]
  }
}

# Data outlives its instance.
resource "aws_ebs_volume" "data" {
  for_each = { for role, one in module.plan.roles : role => one if one.disk > 0 }

  availability_zone = local.zone
  type              = "gp3"
  size              = each.value.disk
  encrypted         = true
  kms_key_id        = aws_kms_key.this.arn
  snapshot_id       = lookup(var.restore_snapshots, each.key, null)
  final_snapshot    = var.protect

  tags = { Name = "${var.name}-${each.key}-data", Role = each.key, Snapshots = module.plan.snapshots.tag }
}

resource "aws_volume_attachment" "data" {
  for_each = aws_ebs_volume.data

  device_name                    = "/dev/sdf"
  volume_id                      = each.value.id
  instance_id                    = aws_instance.this[each.key].id
  stop_instance_before_detaching = true
}

# A public address that a new instance takes over.
resource "aws_eip" "public" {
  for_each = { for role, one in module.plan.roles : role => one if one.public }

  domain = "vpc"

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_eip_association" "public" {
  for_each = aws_eip.public

  allocation_id = each.value.allocation_id
  instance_id   = aws_instance.this[each.key].id
}
