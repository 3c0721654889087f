resource "aws_iam_role" "gate" {
  name = "harbour-gate"

  assume_role_policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]},
          "Action": "sts:AssumeRole"
        }
      ]
    }
  POLICY
}

resource "aws_iam_role_policy" "gate" {
  name = "log"
  role = aws_iam_role.gate.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "arn:aws:logs:*:206318840177:log-group:/aws/lambda/us-east-1.harbour-gate:*"
    }]
  })
}

resource "aws_lambda_function" "gate" {
  function_name = "harbour-gate"
  role          = aws_iam_role.gate.arn
  runtime       = "nodejs22.x"
  handler       = "index.handler"
  filename      = "${path.module}/gate.zip"
  publish       = true
}
