# Least privilege, statement by statement. What AWS can narrow to a resource is narrowed to this account and region, and to
# what is named or tagged as CarePath's; where it cannot (most of EC2's Describe* and Create*), the comment says so.

locals {
  account = var.aws_account_id
  region  = var.aws_region
  bucket  = "arn:aws:s3:::carepath-tfstate-${local.account}-${local.region}"
  table   = "arn:aws:dynamodb:${local.region}:${local.account}:table/carepath-tflock"
  images  = "arn:aws:ecr:${local.region}:${local.account}:repository/carepath-*"
  cluster = "arn:aws:eks:${local.region}:${local.account}:*/${var.name}*"
  logs    = ["arn:aws:logs:${local.region}:${local.account}:log-group:/aws/*/${var.name}*"]
  made    = [for part in ["cluster", "node", "flow"] : "arn:aws:iam::${local.account}:role/${var.name}-${part}-*"]
  here    = { StringEquals = { "aws:RequestedRegion" = local.region } }
  tagged  = { StringEquals = { "aws:ResourceTag/Project" = "carepath" } }

  # Reading: the state, the images, and what Terraform compares with them.
  look = [
    {
      Sid      = "State"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectVersion"]
      Resource = ["${local.bucket}/${var.environment}/*"]
    },
    {
      Sid      = "StateBucket"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
      Resource = [local.bucket]
    },
    {
      # Neither a token nor a description of what exists can be narrowed.
      Sid       = "Describe"
      Effect    = "Allow"
      Action    = ["ec2:Describe*", "ecr:GetAuthorizationToken", "kms:ListAliases", "logs:DescribeLogGroups"]
      Resource  = ["*"]
      Condition = local.here
    },
    {
      Sid      = "Images"
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer", "ecr:GetLifecyclePolicy", "ecr:ListTagsForResource"]
      Resource = [local.images]
    },
    {
      Sid      = "Cluster"
      Effect   = "Allow"
      Action   = ["eks:DescribeAccessEntry", "eks:DescribeAddon", "eks:DescribeCluster", "eks:DescribeNodegroup", "eks:ListAccessEntries", "eks:ListAssociatedAccessPolicies", "eks:ListTagsForResource"]
      Resource = [local.cluster]
    },
    {
      # What versions of an add-on there are is asked of no cluster.
      Sid       = "Addons"
      Effect    = "Allow"
      Action    = ["eks:DescribeAddonVersions"]
      Resource  = ["*"]
      Condition = local.here
    },
    {
      Sid      = "Roles"
      Effect   = "Allow"
      Action   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies"]
      Resource = local.made
    },
    {
      Sid       = "Keys"
      Effect    = "Allow"
      Action    = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
      Resource  = ["arn:aws:kms:${local.region}:${local.account}:key/*"]
      Condition = local.tagged
    },
    {
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:ListTagsForResource"]
      Resource = local.logs
    },
  ]

  # Planning takes the state's lock: the table's row and the file beside the state, and no other object.
  lock = [
    {
      Sid      = "LockTable"
      Effect   = "Allow"
      Action   = ["dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem"]
      Resource = [local.table]
    },
    {
      Sid      = "LockFile"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:PutObject"]
      Resource = ["${local.bucket}/${var.environment}/terraform.tfstate.tflock"]
    },
  ]

  # Images and what is attached to them. Nothing here removes or replaces one: tags are immutable.
  push = [
    {
      Sid      = "Push"
      Effect   = "Allow"
      Action   = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:ListImageReferrers", "ecr:PutImage", "ecr:UploadLayerPart"]
      Resource = [local.images]
    },
  ]

  # The state itself, the records beside it, and the place for both, which `deploy` makes and keeps closed.
  state = [
    {
      Sid      = "Records"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:PutObject"]
      Resource = ["${local.bucket}/${var.environment}/*"]
    },
    {
      Sid      = "Bucket"
      Effect   = "Allow"
      Action   = ["s3:CreateBucket", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration"]
      Resource = [local.bucket]
    },
    {
      Sid      = "Table"
      Effect   = "Allow"
      Action   = ["dynamodb:CreateTable", "dynamodb:UpdateContinuousBackups"]
      Resource = [local.table]
    },
  ]

  # What infra/terraform/modules makes.
  change = [
    {
      # EC2 takes no tag condition on every part of a Create*; the region is what can be said of all.
      Sid       = "MakeNetwork"
      Effect    = "Allow"
      Action    = ["ec2:AllocateAddress", "ec2:CreateFlowLogs", "ec2:CreateInternetGateway", "ec2:CreateLaunchTemplate", "ec2:CreateLaunchTemplateVersion", "ec2:CreateNatGateway", "ec2:CreateRoute", "ec2:CreateRouteTable", "ec2:CreateSubnet", "ec2:CreateTags", "ec2:CreateVpc", "ec2:CreateVpcEndpoint"]
      Resource  = ["arn:aws:ec2:${local.region}:${local.account}:*/*"]
      Condition = local.here
    },
    {
      # A launch template is tried out with the images of AWS's own account.
      Sid       = "TryTemplate"
      Effect    = "Allow"
      Action    = ["ec2:RunInstances"]
      Resource  = ["*"]
      Condition = merge(local.here, { Bool = { "ec2:IsLaunchTemplateResource" = "true" } })
    },
    {
      Sid       = "ChangeNetwork"
      Effect    = "Allow"
      Action    = ["ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteFlowLogs", "ec2:DeleteInternetGateway", "ec2:DeleteLaunchTemplate", "ec2:DeleteLaunchTemplateVersions", "ec2:DeleteNatGateway", "ec2:DeleteRoute", "ec2:DeleteRouteTable", "ec2:DeleteSubnet", "ec2:DeleteTags", "ec2:DeleteVpc", "ec2:DeleteVpcEndpoints", "ec2:DetachInternetGateway", "ec2:DisassociateAddress", "ec2:DisassociateRouteTable", "ec2:ModifyLaunchTemplate", "ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint", "ec2:ReleaseAddress", "ec2:ReplaceRoute", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"]
      Resource  = ["arn:aws:ec2:${local.region}:${local.account}:*/*"]
      Condition = local.tagged
    },
    {
      Sid      = "Cluster"
      Effect   = "Allow"
      Action   = ["eks:AssociateAccessPolicy", "eks:CreateAccessEntry", "eks:CreateAddon", "eks:CreateCluster", "eks:CreateNodegroup", "eks:DeleteAccessEntry", "eks:DeleteAddon", "eks:DeleteCluster", "eks:DeleteNodegroup", "eks:DescribeUpdate", "eks:DisassociateAccessPolicy", "eks:TagResource", "eks:UntagResource", "eks:UpdateAccessEntry", "eks:UpdateAddon", "eks:UpdateClusterConfig", "eks:UpdateClusterVersion", "eks:UpdateNodegroupConfig", "eks:UpdateNodegroupVersion"]
      Resource = [local.cluster]
    },
    {
      Sid      = "Repositories"
      Effect   = "Allow"
      Action   = ["ecr:CreateRepository", "ecr:DeleteLifecyclePolicy", "ecr:DeleteRepository", "ecr:PutImageScanningConfiguration", "ecr:PutImageTagMutability", "ecr:PutLifecyclePolicy", "ecr:TagResource", "ecr:UntagResource"]
      Resource = [local.images]
    },
    {
      # A key that is not made yet has no name; it is made with the project's tag or not at all.
      Sid       = "MakeKey"
      Effect    = "Allow"
      Action    = ["kms:CreateKey", "kms:TagResource"]
      Resource  = ["*"]
      Condition = merge(local.here, { StringEquals = { "aws:RequestedRegion" = local.region, "aws:RequestTag/Project" = "carepath" } })
    },
    {
      Sid       = "ChangeKey"
      Effect    = "Allow"
      Action    = ["kms:CreateAlias", "kms:CreateGrant", "kms:DeleteAlias", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:UntagResource", "kms:UpdateKeyDescription"]
      Resource  = ["arn:aws:kms:${local.region}:${local.account}:key/*"]
      Condition = local.tagged
    },
    {
      Sid      = "Alias"
      Effect   = "Allow"
      Action   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
      Resource = ["arn:aws:kms:${local.region}:${local.account}:alias/${var.name}*"]
    },
    {
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"]
      Resource = local.logs
    },
    {
      # For flow logs: EC2 hands them over to CloudWatch in the caller's name.
      Sid       = "DeliverLogs"
      Effect    = "Allow"
      Action    = ["logs:CreateLogDelivery", "logs:DeleteLogDelivery"]
      Resource  = ["*"]
      Condition = local.here
    },
  ]

  # The three roles of the cluster, by name; handed to their services only, and given no policy but theirs.
  roles = [
    {
      Sid      = "Make"
      Effect   = "Allow"
      Action   = ["iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole"]
      Resource = local.made
    },
    {
      Sid       = "Attach"
      Effect    = "Allow"
      Action    = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
      Resource  = local.made
      Condition = { ArnEquals = { "iam:PolicyARN" = [for name in ["AmazonEKSClusterPolicy", "AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"] : "arn:aws:iam::aws:policy/${name}"] } }
    },
    {
      Sid       = "HandOver"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = local.made
      Condition = { StringEquals = { "iam:PassedToService" = ["eks.amazonaws.com", "ec2.amazonaws.com", "vpc-flow-logs.amazonaws.com"] } }
    },
    {
      # Once for an account; AWS makes them for the services named here and no others.
      Sid       = "ServiceLinked"
      Effect    = "Allow"
      Action    = ["iam:CreateServiceLinkedRole"]
      Resource  = ["arn:aws:iam::${local.account}:role/aws-service-role/*"]
      Condition = { StringEquals = { "iam:AWSServiceName" = ["eks.amazonaws.com", "eks-nodegroup.amazonaws.com", "autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com"] } }
    },
    {
      # Before it makes a cluster or nodes EKS looks, in the caller's name, whether its own are there.
      Sid      = "ServiceLinkedThere"
      Effect   = "Allow"
      Action   = ["iam:GetRole"]
      Resource = [for service in ["eks", "eks-nodegroup"] : "arn:aws:iam::${local.account}:role/aws-service-role/${service}.amazonaws.com/*"]
    },
  ]
}
