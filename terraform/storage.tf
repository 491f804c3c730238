# artifacts: what instances install; backups: nightly copies; blocks: sealed metric blocks; access: S3's and the VPC's logs.

resource "aws_s3_bucket" "this" {
  for_each = module.plan.buckets

  #checkov:skip=CKV_AWS_18:aws_s3_bucket_logging is below, for all but the bucket of logs, whose own log would never end
  #checkov:skip=CKV_AWS_144:one region; versions and the snapshots of the volumes are the second copy
  #checkov:skip=CKV_AWS_145:all but the logs, which S3 delivers only to buckets with its own encryption, are encrypted with the key
  #checkov:skip=CKV2_AWS_62:nothing waits for new objects
  bucket        = local.buckets[each.key]
  force_destroy = !var.protect
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = module.plan.buckets

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = module.plan.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = module.plan.buckets

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = module.plan.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      # The services that deliver logs have no right to use the key.
      sse_algorithm     = each.key == "access" ? "AES256" : "aws:kms"
      kms_master_key_id = each.key == "access" ? null : aws_kms_key.this.arn
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = module.plan.buckets

  bucket = aws_s3_bucket.this[each.key].id
  policy = module.policies.buckets[each.key]

  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_logging" "this" {
  for_each = { for purpose, bucket in module.plan.buckets : purpose => bucket if purpose != "access" }

  bucket        = aws_s3_bucket.this[each.key].id
  target_bucket = aws_s3_bucket.this["access"].id
  target_prefix = "s3/${each.key}/"

  depends_on = [aws_s3_bucket_policy.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = module.plan.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    id     = "versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = each.value.old_versions_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  dynamic "rule" {
    for_each = each.value.expire_days > 0 ? [each.value.expire_days] : []

    content {
      id     = "objects"
      status = "Enabled"

      filter {}

      expiration {
        days = rule.value
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_object" "package" {
  bucket      = aws_s3_bucket.this["artifacts"].id
  key         = local.package.key
  source      = var.package
  source_hash = local.package.sha256
  kms_key_id  = aws_kms_key.this.arn
}

resource "aws_s3_object" "app" {
  count = var.demo ? 1 : 0

  bucket      = aws_s3_bucket.this["artifacts"].id
  key         = "packages/app.py"
  source      = local.app
  source_hash = filesha256(local.app)
  kms_key_id  = aws_kms_key.this.arn
}

resource "aws_s3_object" "config" {
  for_each = module.plan.config

  bucket      = aws_s3_bucket.this["artifacts"].id
  key         = "config/${each.key}"
  source      = "${var.config_path}/${each.key}"
  source_hash = filesha256("${var.config_path}/${each.key}")
  kms_key_id  = aws_kms_key.this.arn
}
