# Over modules/eks: moto answers nothing to the calls of an add-on (404). The rest of the module stays as it is.

resource "aws_eks_addon" "before_nodes" {
  for_each = {}
}

resource "aws_eks_addon" "after_nodes" {
  for_each = toset([])
}
