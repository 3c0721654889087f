#!/bin/sh
# Sets the digest of one image in the overlay prod, by hand: what the release workflow does for all.
#
#   scripts/set-digest.sh ticketing/ticket-service sha256:5f89…
#   scripts/set-digest.sh redis sha256:…
set -eu

if [ $# -ne 2 ]; then
  echo "usage: $0 IMAGE DIGEST" >&2
  exit 2
fi
image=$1 digest=$2
overlay=$(CDPATH='' cd -- "$(dirname -- "$0")/../k8s/spring/overlays/prod" && pwd)

if ! printf '%s\n' "$digest" | grep -Eqx 'sha256:[0-9a-f]{64}'; then
  echo "$0: '$digest' is no digest: sha256: and 64 hexadecimal digits" >&2
  exit 1
fi
# One that was typed: the same digit throughout.
if printf '%s\n' "${digest#sha256:}" | grep -Eqx '(.)\1*'; then
  echo "$0: '$digest' is a placeholder" >&2
  exit 1
fi
if ! grep -Eqx -- "[ -]*name: $image" "$overlay/kustomization.yaml"; then
  echo "$0: $overlay/kustomization.yaml has no image '$image'" >&2
  exit 1
fi

# Ours are built into ticketing/, what others build is mirrored.
case $image in
  ticketing/*) name=registry.ticketing.internal/$image ;;
  *) name=registry.ticketing.internal/mirror/$image ;;
esac

cd "$overlay"
kustomize edit set image "$image=$name@$digest"
