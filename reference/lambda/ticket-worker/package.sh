#!/usr/bin/env bash
# Builds dist/ticket-worker.zip for a release: the code and what package-lock.json names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

package=$PWD/dist/ticket-worker.zip
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

cp ./*.js package.json package-lock.json "$stage"
npm ci --prefix "$stage" --omit=dev --ignore-scripts --no-audit --no-fund

# The same content gives the same package.
find "$stage" -exec touch -d 2000-01-01T00:00:00Z {} +
mkdir -p dist
rm -f "$package"
(cd "$stage" && find . -type f -not -name .package-lock.json | LC_ALL=C sort | TZ=UTC zip -X -q -@ "$package")
echo "$package"
