# The thin layer over AWS: what is to be is decided in modules/, where it is tested without a provider.

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_ssm_parameter" "image" {
  name = var.image
}

locals {
  account = data.aws_caller_identity.this.account_id
  zone    = coalesce(var.availability_zone, "${var.region}a")
  buckets = { for purpose in keys(module.plan.buckets) : purpose => "${var.name}-${local.account}-${var.region}-${purpose}" }

  package = { key = "packages/${basename(var.package)}", sha256 = filesha256(var.package) }
  app     = "${path.module}/../examples/flask-app/app.py"
}

module "plan" {
  source = "./modules/plan"

  name                = var.name
  domain              = var.domain
  vpc_cidr            = var.vpc_cidr
  public_subnet_cidr  = var.public_subnet_cidr
  private_subnet_cidr = var.private_subnet_cidr
  ui_cidrs            = var.ui_cidrs
  ssh_cidrs           = var.ssh_cidrs
  public_dashboards   = var.public_dashboards
  demo                = var.demo
  instances           = var.instances
  retention_days      = var.retention_days
  snapshots           = var.snapshots
  backup_days         = var.backup_days
  alarm_emails        = var.alarm_emails
  config_path         = var.config_path
}

module "policies" {
  source = "./modules/policies"

  name      = var.name
  roles     = keys(module.plan.roles)
  partition = data.aws_partition.this.partition
  region    = var.region
  account   = local.account
  buckets   = local.buckets

  snapshot_tag = module.plan.snapshots.tag
}

module "user_data" {
  source = "./modules/user-data"

  name    = var.name
  domain  = var.domain
  region  = var.region
  buckets = { for purpose in ["artifacts", "backups", "blocks"] : purpose => local.buckets[purpose] }
  package = local.package
  app = {
    key          = "packages/app.py"
    sha256       = filesha256(local.app)
    requirements = join(" ", split("\n", trimspace(file("${path.module}/../examples/flask-app/requirements.txt"))))
  }
  roles = { for role, one in module.plan.roles : role => {
    port           = one.port
    volume         = one.disk > 0 ? aws_ebs_volume.data[role].id : ""
    retention_days = module.plan.retention_days[role]
  } }
}
