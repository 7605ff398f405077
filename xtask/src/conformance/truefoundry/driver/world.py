"""The server, who calls it, and what the calls so far have made."""

import json
import os
from types import SimpleNamespace

import httpx
from truefoundry_sdk import ProviderAccount, ProviderIntegration, SecretVersion, TrueFoundry

from report import Halt, NotRun

TENANT = "acme"

# An id nothing has, in the form ids have here; and one that could not be an id.
ABSENT = "00000000-0000-7000-8000-000000000000"
NONSENSE = "no-such-thing"

# For refusals the SDK would try three times: 409 and everything from 500.
ONCE = {"max_retries": 0}

# The SDK's clients whose every method has to be called at least once in a run.
COVERED = ("secret_groups", "secrets", "personal_access_tokens", "virtual_accounts")


class World:
    """Clients by name, and what sections leave to one another."""

    def __init__(self):
        self.base = os.environ["BASE"]
        self.values = json.loads(os.environ["VALUES"])
        self.made = SimpleNamespace()
        self.called = set()
        self.tokens = {name: os.environ[name.upper()] for name in ("admin", "foreign", "bare")}
        self.admin, self.foreign, self.bare = map(self.client, self.tokens.values())

    def client(self, token, **options):
        """The SDK as published, with a note of each method called."""
        return Noted(TrueFoundry(base_url=self.base, api_key=token, **options), self.called)

    def scoped(self, scopes):
        """A token of the tenant with these scopes and no more."""
        path = f"{self.base}/v1/tenants/acme/tokens:generate"
        bearer = {"Authorization": f"Bearer {self.tokens['admin']}"}
        return httpx.post(path, headers=bearer, json={"scopes": scopes}).json()["token"]

    def need(self, name):
        """What an earlier section made."""
        try:
            return getattr(self.made, name)
        except AttributeError:
            raise NotRun(f"there is no {name.replace('_', ' ')}") from None

    def plain(self, method, path, token=None, **options):
        """A request the SDK has no method for."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.request(method, self.base + path, headers=headers, timeout=30, **options)

    def integration(self):
        """The tenant's built-in secret store, found the way a client finds it."""
        path = "/api/svc/v1/provider-integrations?type=secret-store&limit=100&offset=0"
        answer = self.plain("GET", path, self.tokens["admin"]).json()
        return [ProviderIntegration.model_validate(row) for row in answer["data"]]

    def accounts(self):
        """The accounts that hold the stores."""
        path = "/api/svc/v1/provider-accounts?type=secret-store&limit=100&offset=0"
        answer = self.plain("GET", path, self.tokens["admin"]).json()
        return [ProviderAccount.model_validate(row) for row in answer["data"]]

    def versions(self, secret_id):
        """A secret's versions; the SDK has the model and no method."""
        path = f"/api/svc/v1/secrets/{secret_id}/versions"
        answer = self.plain("GET", path, self.tokens["admin"]).json()
        return [SecretVersion.model_validate(row) for row in answer["data"]]

    def numbers(self, secret_id):
        """Only the numbers, in the order they come."""
        return [version.version for version in self.versions(secret_id)]

    def uncalled(self, name):
        """The public methods of one of the SDK's clients that no section called."""
        client = type(getattr(self.admin.sdk, name))
        methods = {m for m in dir(client) if not m.startswith("_") and callable(getattr(client, m))}
        return sorted(methods - {method for of, method in self.called if of == name})


class Noted:
    """Passes everything through, noting which method of which client was called."""

    def __init__(self, sdk, called):
        self.sdk = sdk
        self.called = called

    def __getattr__(self, name):
        part = getattr(self.sdk, name)
        return NotedPart(part, name, self.called) if name in COVERED else part


class NotedPart:
    """One of the SDK's clients."""

    def __init__(self, part, name, called):
        self.part = part
        self.name = name
        self.called = called

    def __getattr__(self, method):
        self.called.add((self.name, method))
        return getattr(self.part, method)


def by_name(secrets):
    """Secrets by their keys."""
    return {secret.name: secret for secret in secrets}


def ids(things):
    """Their ids, as a set."""
    return {thing.id for thing in things}


def walk(r, what, pager, most=50):
    """The pages of a pager as lists of items. One that goes on past `most` would go on for ever."""
    pages = []
    for page in pager.iter_pages():
        pages.append(list(page.items))
        if len(pages) == most:
            r.check(f"the pager of {what} comes to an end", False, f"more than {most} pages")
            raise Halt(f"the pager of {what} does not end")
    r.check(f"the pager of {what} comes to an end", True)
    return pages
