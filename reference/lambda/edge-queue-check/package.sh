#!/usr/bin/env bash
# Builds dist/edge-queue-check.zip for a release. The key comes in the environment, from Secrets Manager:
#   QUEUE_ENTRY_TOKEN_SECRET=$(aws secretsmanager get-secret-value --secret-id ticketing-prod/queue-entry-token \
#     --query SecretString --output text) ./package.sh
# While it is being rotated, the one before comes as QUEUE_ENTRY_TOKEN_SECRET_PREVIOUS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

contract=../../contracts/cloudfront-header.json
package=dist/edge-queue-check.zip
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
umask 077

cp index.js path.js transport.js token.js json.js keys.js "$stage"

CONTRACT=$contract CONFIG=$stage/config.json node <<'NODE'
const { readFileSync, writeFileSync } = require('node:fs');
const { CONTRACT, CONFIG, QUEUE_ENTRY_TOKEN_SECRET, QUEUE_ENTRY_TOKEN_SECRET_PREVIOUS } = process.env;

const { header } = JSON.parse(readFileSync(CONTRACT, 'utf8'));
const [, stripped] = /^const PLATFORM_HEADERS = '(.*)';$/m.exec(readFileSync('index.js', 'utf8'));
if (!header.toLowerCase().startsWith(stripped)) throw new Error(`index.js strips ${stripped}*, the contract names ${header}`);

const { keysOf } = require('./keys');
const config = { QUEUE_ENTRY_TOKEN_SECRET, QUEUE_ENTRY_TOKEN_SECRET_PREVIOUS };
const given = Object.values(config).filter((secret) => secret !== undefined).length;
if (QUEUE_ENTRY_TOKEN_SECRET === undefined || keysOf(config).length !== given) {
  throw new Error('QUEUE_ENTRY_TOKEN_SECRET (and ..._PREVIOUS, if given) must have 32 bytes or more');
}
writeFileSync(CONFIG, JSON.stringify(config));
NODE

# The same content gives the same package, so that Terraform publishes a version only for a change.
chmod 644 "$stage"/*
touch -d 2000-01-01T00:00:00Z "$stage"/*
mkdir -p dist
rm -f "$package"
package=$PWD/$package
(cd "$stage" && TZ=UTC zip -X -q "$package" config.json index.js json.js keys.js path.js token.js transport.js)
echo "$package"
