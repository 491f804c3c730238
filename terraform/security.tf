# A group for each role. `app` exists without the demo, too: put your own applications into it.

resource "aws_security_group" "this" {
  for_each = toset(module.plan.role_names)

  #checkov:skip=CKV2_AWS_5:the groups are attached in instances.tf, by role; `app` is for applications of the user's own
  name        = "${var.name}-${each.key}"
  description = "${var.name}: ${each.key}"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = module.plan.ingress

  security_group_id            = aws_security_group.this[each.value.group].id
  description                  = each.value.description
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv4                    = each.value.cidr
  referenced_security_group_id = each.value.peer == null ? null : aws_security_group.this[each.value.peer].id
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = module.plan.egress

  security_group_id            = aws_security_group.this[each.value.group].id
  description                  = each.value.description
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv4                    = each.value.cidr
  referenced_security_group_id = each.value.peer == null ? null : aws_security_group.this[each.value.peer].id
}

# Encrypts volumes, snapshots, buckets and the topic of alarms.
resource "aws_kms_key" "this" {
  description             = var.name
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = module.policies.key
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_iam_role" "instance" {
  for_each = module.plan.roles

  name               = "${var.name}-${each.key}"
  assume_role_policy = module.policies.assume.ec2
}

resource "aws_iam_role_policy" "instance" {
  for_each = module.plan.roles

  name   = "${var.name}-${each.key}"
  role   = aws_iam_role.instance[each.key].id
  policy = module.policies.instances[each.key]
}

resource "aws_iam_instance_profile" "this" {
  for_each = module.plan.roles

  name = "${var.name}-${each.key}"
  role = aws_iam_role.instance[each.key].name
}

resource "aws_iam_role" "snapshots" {
  name               = "${var.name}-snapshots"
  assume_role_policy = module.policies.assume.dlm
}

resource "aws_iam_role_policy" "snapshots" {
  name   = "${var.name}-snapshots"
  role   = aws_iam_role.snapshots.id
  policy = module.policies.snapshots
}
