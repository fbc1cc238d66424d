"""Checks what no linter knows: that the files under deploy/ fit each other and the program.

Run by scripts/lint-deployment, whose environment has ruamel.yaml.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import ruamel.yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
problems = []


def load(path):
    return ruamel.yaml.YAML(typ="safe").load(path.read_text())


def check_compose():
    """Every name that a service uses is there: services, volumes, files, configuration variables."""
    compose = load(DEPLOY / "compose.yaml")
    services, volumes = compose["services"], compose["volumes"]
    documented = set(re.findall(r"`(ENGRAM_\w+)`", (ROOT / "docs/configuration.md").read_text()))
    ports = {}
    for name, service in services.items():
        for other in service.get("depends_on", {}):
            if other not in services:
                problems.append(f"compose.yaml: {name} depends on {other}, which is not there")
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            known = (DEPLOY / source).exists() if source.startswith(".") else source in volumes
            if not known:
                problems.append(f"compose.yaml: {name} mounts {source}, which is not there")
        if service["image"].startswith("engram"):
            for variable in service.get("environment", {}):
                if variable not in documented:
                    problems.append(f"compose.yaml: {name} sets {variable}, which is no key")
        for port in service.get("ports", []):
            if ports.setdefault(port.split(":")[1], name) != name:
                problems.append(f"compose.yaml: {name} and another service publish {port}")
    return services


def check_targets(services):
    """Prometheus scrapes and writes to services that are there."""
    text = (DEPLOY / "prometheus.yml").read_text()
    hosts = re.findall(r"([a-z][a-z-]*):\d{4}", text)
    for host in hosts:
        if host != "localhost" and host not in services:
            problems.append(f"prometheus.yml: {host} is no service of compose.yaml")


def check_grafana():
    """Data sources and providers are YAML, and dashboards ask for metrics that the program has."""
    sources = set()
    for path in sorted((DEPLOY / "grafana/provisioning").rglob("*.yaml")):
        for source in load(path).get("datasources", []):
            sources.add(source["uid"])
    code = "".join(path.read_text() for path in sorted((ROOT / "Sources").rglob("*.swift")))
    expressions = []
    for path in sorted((DEPLOY / "grafana/dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            if panel["datasource"]["uid"] not in sources:
                problems.append(f"{path.name}: panel {panel['title']} has an unknown data source")
            expressions += [target["expr"] for target in panel["targets"]]
    for metric in sorted(set(re.findall(r"\b(?:engram|process)_\w+", " ".join(expressions)))):
        name = re.sub(r"_(bucket|sum|count)$", "", metric)
        if f'"{name}"' not in code:
            problems.append(f"a dashboard asks for {metric}, which no source file names")
    check_expressions(expressions)


def check_expressions(expressions):
    """Prometheus' own parser takes the dashboards' expressions."""
    promtool = shutil.which("promtool")
    if promtool is None:
        return
    rules = [
        {"record": f"check:{number}", "expr": expression.replace("$__rate_interval", "1m")}
        for number, expression in enumerate(expressions)
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        # JSON is YAML.
        json.dump({"groups": [{"name": "check", "rules": rules}]}, file)
        file.flush()
        result = subprocess.run([promtool, "check", "rules", file.name], capture_output=True, text=True)
    if result.returncode != 0:
        problems.append(f"promtool refuses an expression of a dashboard: {result.stderr}{result.stdout}")


check_targets(check_compose())
check_grafana()
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
