"""How the static run grows with a platform: generated ones of 50, 200 and 500 services, each figure also a ratio to the smallest.

Run: python benchmarks/growth.py [SERVICES ...]
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from static_run import divided, seconds, static_command

SERVICE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels: {{app: {name}}}
spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        seccompProfile: {{type: RuntimeDefault}}
      containers:
        - name: app
          image: shop/{name}:1.0.0
          ports:
            - {{name: http, containerPort: 8080}}
          env:
            - name: DB_PASSWORD
              valueFrom:
                secretKeyRef: {{name: secrets, key: DB_PASSWORD}}
          envFrom:
            - configMapRef: {{name: config}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {{drop: [ALL]}}
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 256Mi}}
          readinessProbe: {{httpGet: {{path: /ready, port: http}}}}
          livenessProbe: {{httpGet: {{path: /live, port: http}}}}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector: {{app: {name}}}
  ports:
    - {{name: http, port: 80, targetPort: http}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {name}
spec:
  podSelector:
    matchLabels: {{app: {name}}}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports: [{{port: http}}]
"""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", nargs="*", type=int, default=[50, 200, 500])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = {
            count: measure(generate(Path(folder) / str(count), count), options.runs) for count in options.services
        }
    first = measured[options.services[0]]
    print(f"{'ms (ratio to the first)':46}" + "".join(f"{count:>16}" for count in measured))
    for name in first:
        cells = "".join(f"{rows[name] * 1000:9.0f} ({rows[name] / first[name]:4.1f})" for rows in measured.values())
        print(f"{name:46}{cells}")


def measure(platform: Path, runs: int) -> dict[str, float]:
    """Give the seconds of the whole run and of its parts."""
    whole = min(seconds(static_command(platform)) for _ in range(runs))
    return {"whole run": whole, **dict(divided(platform, runs))}


def generate(root: Path, count: int) -> Path:
    """Write a platform of `count` services in a base, with a development and a release overlay, as a git work tree."""
    names = [f"service-{number:03}" for number in range(count)]
    base = root / "base"
    base.mkdir(parents=True)
    for name in names:
        (base / f"{name}.yaml").write_text(SERVICE.format(name=name), encoding="utf-8")
    listed = "".join(f"  - {name}.yaml\n" for name in names)
    (base / "kustomization.yaml").write_text(f"resources:\n{listed}", encoding="utf-8")
    config = "".join(f"{name.upper().replace('-', '_')}_URL=http://{name}\n" for name in names)
    for overlay in ("dev", "prod"):
        folder = root / "overlays" / overlay
        folder.mkdir(parents=True)
        images = "".join(
            f"  - name: shop/{name}\n    digest: sha256:{hashlib.sha256(name.encode()).hexdigest()}\n" for name in names
        )
        generators = "configMapGenerator:\n  - name: config\n    envs: [config.env]\nsecretGenerator:\n  - name: secrets\n    envs: [secrets.env]\n"
        text = f"namespace: shop\nresources: [../../base]\n{generators}" + (
            f"images:\n{images}" if overlay == "prod" else ""
        )
        (folder / "kustomization.yaml").write_text(text, encoding="utf-8")
        (folder / "config.env").write_text(config, encoding="utf-8")
        (folder / "secrets.env.example").write_text("DB_PASSWORD=CHANGE_ME\n", encoding="utf-8")
    (root / ".gitignore").write_text("secrets.env\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", root], check=True)
    subprocess.run(["git", "-C", root, "add", "-A"], check=True)
    return root


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
