"""Temporal as production runs it: the hosted server of the same release, with its rows in the stack's PostgreSQL.

The dev server keeps everything in one SQLite file and has one shard; what its answers cost says little about
production. ``TEMPORAL_STORE=postgresql`` chooses this one, for measurements and for faults of Temporal's own store.
Visibility stays in SQLite: the wheel's PostgreSQL lacks the extension that its tables want. It has no UI.
"""

import json
from typing import Any

from sqlalchemy import make_url

from devstack import builder
from devstack.child import Command
from devstack.parts.base import Part, Site, answers, listening

_SERVICES = ("frontend", "matching", "history", "worker")
_SHARDS = 128
"""As in docker-compose.yml."""


class HostedTemporal(Part):
    """One process with all four services; it makes its database, tables and namespace by itself."""

    name = "temporal"

    def __init__(self, site: Site, namespace: str, dynamic_configuration: dict[str, str]) -> None:
        super().__init__(site)
        self._namespace = namespace
        self._dynamic = dynamic_configuration
        self._port = site.folder.port("temporal")
        self._http = site.folder.port("temporal_http")

    def command(self) -> Command:
        folder = self.site.folder.data("temporal")
        dynamic, configuration = folder / "dynamic.yaml", folder / "server.yaml"
        # JSON is YAML, and needs no quoting rules.
        values = {name: [{"value": json.loads(value)}] for name, value in self._dynamic.items()}
        dynamic.write_text(json.dumps(values))
        configuration.touch(mode=0o600)
        configuration.write_text(json.dumps(self._configuration(str(dynamic)), indent=1))
        words = [str(builder.hosted_temporal(self.site.say)), str(configuration), self._namespace]
        return Command(words, self.site.environment(), folder)

    def ready(self) -> bool:
        """Whether it takes calls for the namespace, asked over HTTP: a Temporal client here could abort at exit."""
        return listening(self._port) and answers(
            f"http://127.0.0.1:{self._http}/api/v1/namespaces/{self._namespace}/workflows?pageSize=1"
        )

    def address(self) -> str:
        return f"127.0.0.1:{self._port}, rows in PostgreSQL"

    def facts(self) -> dict[str, Any]:
        return {"temporal": f"127.0.0.1:{self._port}", "temporal_namespace": self._namespace, "temporal_ui": None}

    def exports(self) -> dict[str, str]:
        return {"TEMPORAL_ADDRESS": f"127.0.0.1:{self._port}", "TEMPORAL_NAMESPACE": self._namespace}

    def _configuration(self, dynamic: str) -> dict[str, Any]:
        folder = self.site.folder
        services = {
            name: {
                "rpc": {
                    "grpcPort": self._port if name == "frontend" else folder.port(f"temporal_{name}"),
                    "membershipPort": folder.port(f"temporal_{name}_members"),
                    "bindOnLocalHost": True,
                    **({"httpPort": self._http} if name == "frontend" else {}),
                }
            }
            for name in _SERVICES
        }
        off = {"history": {"state": "disabled"}, "visibility": {"state": "disabled"}}
        return {
            "log": {"stdout": True, "level": "warn"},
            "persistence": {
                "defaultStore": "rows",
                "visibilityStore": "visibility",
                "numHistoryShards": _SHARDS,
                "datastores": {"rows": {"sql": self._rows()}, "visibility": {"sql": self._visibility()}},
            },
            "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": "127.0.0.1"}},
            "services": services,
            "clusterMetadata": {
                "enableGlobalNamespace": False,
                "failoverVersionIncrement": 10,
                "masterClusterName": "active",
                "currentClusterName": "active",
                "clusterInformation": {
                    "active": {
                        "enabled": True,
                        "initialFailoverVersion": 1,
                        "rpcName": "frontend",
                        "rpcAddress": f"127.0.0.1:{self._port}",
                        "httpAddress": f"127.0.0.1:{self._http}",
                    }
                },
            },
            "dcRedirectionPolicy": {"policy": "noop"},
            "archival": off,
            "namespaceDefaults": {"archival": off},
            "publicClient": {"hostPort": f"127.0.0.1:{self._port}"},
            "dynamicConfigClient": {"filepath": dynamic, "pollInterval": "60s"},
        }

    def _rows(self) -> dict[str, Any]:
        url = make_url(self.site.exports["POSTGRESQL_URL"])
        return {
            "pluginName": "postgres12_pgx",
            "databaseName": "temporal",
            "connectAddr": f"{url.host}:{url.port or 5432}",
            "connectProtocol": "tcp",
            "user": url.username,
            "password": url.password,
            "maxConns": 20,
            "maxIdleConns": 20,
            "maxConnLifetime": "1h",
        }

    def _visibility(self) -> dict[str, Any]:
        synchronous = "1" if self.site.lasting else "0"
        return {
            "pluginName": "sqlite",
            "databaseName": str(self.site.folder.data("temporal") / "visibility.db"),
            "connectAddr": "localhost",
            "connectProtocol": "tcp",
            "connectAttributes": {
                "cache": "private",
                "setup": "true",
                "journal_mode": "wal",
                "synchronous": synchronous,
            },
            "maxConns": 1,
            "maxIdleConns": 1,
            "maxConnLifetime": "1h",
        }
