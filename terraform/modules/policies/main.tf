# Who may do what, as JSON, without a provider. An instance may read its own certificate and the tokens that it sends, no
# more: the managed policy for Session Manager would let it read every parameter of the account.

terraform {
  required_version = ">= 1.11"
}

locals {
  parameters = "arn:${var.partition}:ssm:${var.region}:${var.account}:parameter/${var.name}"
  bucket     = { for purpose, name in var.buckets : purpose => "arn:${var.partition}:s3:::${name}" }
  own_source = { StringEquals = { "aws:SourceAccount" = var.account } }

  # Tokens that a role sends. All that it needs of tokens that it takes are their digests.
  tokens = {
    metrics    = ["send", "scrape", "alert"]
    logs       = ["send"]
    traces     = ["send"]
    dashboards = ["send", "query"]
    app        = ["send"]
  }

  instances = { for role in var.roles : role => concat(
    [
      {
        Sid      = "SessionManager"
        Effect   = "Allow"
        Action   = ["ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"]
        Resource = ["*"]
      },
      {
        Sid    = "OwnSecrets"
        Effect = "Allow"
        Action = ["ssm:GetParameter"]
        Resource = concat(
          ["${local.parameters}/ca/certificate", "${local.parameters}/tls/${role}/certificate", "${local.parameters}/tls/${role}/key", "${local.parameters}/digests/*"],
          [for token in local.tokens[role] : "${local.parameters}/tokens/${token}"],
          role == "metrics" ? ["${local.parameters}/alertmanager"] : [],
        )
      },
      {
        Sid      = "Artifacts"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.bucket.artifacts}/packages/*", "${local.bucket.artifacts}/config/${role}/*"]
      },
      {
        Sid       = "ArtifactNames"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [local.bucket.artifacts]
        Condition = { StringLike = { "s3:prefix" = ["config/${role}/*"] } }
      },
      {
        Sid      = "Backups"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket.backups}/${role}/*"]
      },
      {
        Sid       = "BucketKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = ["arn:${var.partition}:kms:${var.region}:${var.account}:key/*"]
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" }, "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = "alias/${var.name}" } }
      },
      {
        Sid       = "Report"
        Effect    = "Allow"
        Action    = ["cloudwatch:PutMetricData"]
        Resource  = ["*"]
        Condition = { StringEquals = { "cloudwatch:namespace" = "Martlet" } }
      },
    ],
    [for one in [
      {
        Sid      = "Blocks"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        Resource = ["${local.bucket.blocks}/*"]
      },
      {
        Sid      = "BlockNames"
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:GetBucketLocation"]
        Resource = [local.bucket.blocks]
      },
    ] : one if role == "metrics"],
  ) }

  snapshots = [
    {
      Sid      = "Look"
      Effect   = "Allow"
      Action   = ["ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeSnapshots"]
      Resource = ["*"]
    },
    {
      Sid       = "OwnVolumesAndSnapshots"
      Effect    = "Allow"
      Action    = ["ec2:CreateSnapshot", "ec2:DeleteSnapshot"]
      Resource  = ["arn:${var.partition}:ec2:${var.region}:${var.account}:volume/*", "arn:${var.partition}:ec2:${var.region}::snapshot/*"]
      Condition = { StringEquals = { "aws:ResourceTag/Snapshots" = var.snapshot_tag } }
    },
    {
      # The volume's tag decides; a snapshot to be has none yet.
      Sid      = "NewSnapshots"
      Effect   = "Allow"
      Action   = ["ec2:CreateSnapshot"]
      Resource = ["arn:${var.partition}:ec2:${var.region}::snapshot/*"]
    },
    {
      Sid      = "Tags"
      Effect   = "Allow"
      Action   = ["ec2:CreateTags"]
      Resource = ["arn:${var.partition}:ec2:${var.region}::snapshot/*"]
    },
  ]

  # Every bucket refuses plain HTTP; `access` takes S3's access logs and the VPC's flow logs besides.
  tls_only = { for purpose, arn in local.bucket : purpose => {
    Sid       = "TLSOnly"
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:*"
    Resource  = [arn, "${arn}/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  } }
  log_delivery = [
    {
      Sid       = "AccessLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = ["${local.bucket.access}/s3/*"]
      Condition = local.own_source
    },
    {
      Sid       = "FlowLogs"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = ["${local.bucket.access}/vpc/*"]
      Condition = local.own_source
    },
    {
      Sid       = "FlowLogsCheck"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = ["s3:GetBucketAcl", "s3:ListBucket"]
      Resource  = [local.bucket.access]
      Condition = local.own_source
    },
  ]

  key = [
    {
      Sid       = "Account"
      Effect    = "Allow"
      Principal = { AWS = "arn:${var.partition}:iam::${var.account}:root" }
      Action    = "kms:*"
      Resource  = "*"
    },
    {
      Sid       = "AlarmsToTopic"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
      Resource  = "*"
      Condition = local.own_source
    },
  ]

  topic = [{
    Sid       = "Alarms"
    Effect    = "Allow"
    Principal = { Service = "cloudwatch.amazonaws.com" }
    Action    = "sns:Publish"
    Resource  = "arn:${var.partition}:sns:${var.region}:${var.account}:${var.name}-alarms"
    Condition = local.own_source
  }]
}
