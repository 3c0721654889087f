terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.20"
    }
  }

  # S3 keeps the lock itself.
  backend "s3" {
    bucket       = "harbour-state-206318840177"
    key          = "network.tfstate"
    region       = "eu-north-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = "eu-north-1"
}

data "aws_availability_zones" "open" {
  state = "available"
}

resource "aws_vpc" "harbour" {
  cidr_block           = "172.20.0.0/16"
  enable_dns_hostnames = true

  tags = {
    Name = "harbour"
  }
}

resource "aws_vpc_ipv4_cidr_block_association" "pods" {
  vpc_id     = aws_vpc.harbour.id
  cidr_block = "100.64.0.0/16"
}

resource "aws_subnet" "quay" {
  count = 2

  vpc_id            = aws_vpc.harbour.id
  cidr_block        = cidrsubnet(aws_vpc.harbour.cidr_block, 8, count.index)
  availability_zone = data.aws_availability_zones.open.names[count.index]

  tags = {
    Name = "harbour-quay-${count.index}"
  }
}

# Pods need more addresses than the VPC was given at first.
resource "aws_subnet" "deck" {
  count = 2

  vpc_id            = aws_vpc_ipv4_cidr_block_association.pods.vpc_id
  cidr_block        = cidrsubnet(aws_vpc_ipv4_cidr_block_association.pods.cidr_block, 2, count.index)
  availability_zone = data.aws_availability_zones.open.names[count.index]

  tags = {
    Name = "harbour-deck-${count.index}"
  }
}

resource "aws_subnet" "hold" {
  count = 2

  vpc_id            = aws_vpc.harbour.id
  cidr_block        = "172.20.${20 + count.index}.0/24"
  availability_zone = data.aws_availability_zones.open.names[count.index]
}

resource "aws_subnet" "galley" {
  count = 2

  vpc_id            = aws_vpc.harbour.id
  cidr_block        = "172.20.${30 + count.index}.0/24"
  availability_zone = element(data.aws_availability_zones.open.names, count.index)
}

resource "aws_subnet" "radio_a" {
  vpc_id            = aws_vpc.harbour.id
  cidr_block        = "172.20.40.0/25"
  availability_zone = data.aws_availability_zones.open.names[0]
}

resource "aws_subnet" "radio_b" {
  vpc_id            = aws_vpc.harbour.id
  cidr_block        = "172.20.40.128/25"
  availability_zone = data.aws_availability_zones.open.names[1]
}

# Whatever is put in without a group of its own is on its own.
resource "aws_default_security_group" "nobody" {
  vpc_id  = aws_vpc.harbour.id
  ingress = []
  egress  = []
}
