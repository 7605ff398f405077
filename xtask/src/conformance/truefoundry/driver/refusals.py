"""The refusals as the SDK surfaces them, where no other section has them."""

import httpx
from truefoundry_sdk import (
    BadRequestError,
    Collaborator,
    NotFoundError,
    SecretInput,
    UnprocessableEntityError,
)
from truefoundry_sdk.core import ApiError

from roles import manifest
from world import ABSENT, NONSENSE


def credentials(w, r):
    """401 has no class of its own."""
    token = w.tokens["admin"]
    strangers = {
        "an unknown opaque token": "tfy_" + "0" * 64,
        "an unknown token of ours": "sr_pat_000000000000_" + "0" * 49,
        "a token with its last character changed": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "a JWT of nobody": "eyJhbGciOiJub25lIn0.eyJ0ZW5hbnROYW1lIjoiYWNtZSJ9.",
    }
    for who, stranger in strangers.items():
        client = w.client(stranger)
        r.refused(f"{who}: 401", ApiError, 401, client.secret_groups.list)
    client = w.client("tfy_nobody")
    r.refused("the same for an id that is absent", ApiError, 401, client.secrets.get, ABSENT)
    r.refused(
        "and for what nobody may do",
        ApiError,
        401,
        client.personal_access_tokens.revoke_all,
        email="x@acme.dev",
    )


def malformed(w, r):
    """400: half a document. The SDK sends whole ones, so its transport is made to cut them."""

    class Cut(httpx.HTTPTransport):
        def handle_request(self, request):
            half = request.content[: len(request.content) // 2]
            headers = {k: v for k, v in request.headers.items() if k.lower() != "content-length"}
            return super().handle_request(
                httpx.Request(request.method, request.url, headers=headers, content=half)
            )

    client = w.client(w.tokens["admin"], httpx_client=httpx.Client(transport=Cut()))
    groups, tokens = client.secret_groups, client.personal_access_tokens
    asked = manifest(w, "payments", {})
    r.refused("half a manifest: 400", BadRequestError, 400, groups.create_or_update, manifest=asked)
    r.refused(
        "half an update: 400",
        BadRequestError,
        400,
        groups.update,
        w.need("payments").id,
        secrets=[],
    )
    r.refused(
        "half a create, which has no class for it: 400",
        ApiError,
        400,
        groups.create,
        name="x-y-z",
        integration_id="x",
        secrets=[],
    )
    r.refused("half a token request: 400", BadRequestError, 400, tokens.create, name="half-token")


def invalid(w, r):
    """422: a whole document that cannot be."""
    store = w.need("integration")
    groups = w.admin.secret_groups

    def create(name="a-group", integration=store.id, key="A_KEY"):
        secrets = [SecretInput(key=key, value="x")]
        return groups.create(name=name, integration_id=integration, secrets=secrets)

    kindless = manifest(w, "payments", {})
    kindless.collaborators = [Collaborator(subject="ana", role_id="secret-group-admin")]
    for what, call in {
        "a group's name in capitals": lambda: create(name="Billing"),
        "a name of two letters": lambda: create(name="ab"),
        "a name of 51 letters": lambda: create(name="a" * 51),
        "a name that ends in a hyphen": lambda: create(name="billing-"),
        "a key with a dot": lambda: create(key="a.b"),
        "an empty key": lambda: create(key=""),
        "a store that is not there": lambda: create(integration=ABSENT),
        "the reserved name in a manifest": lambda: groups.create_or_update(
            manifest=manifest(w, "default", {})
        ),
        "a subject of no kind": lambda: groups.create_or_update(manifest=kindless),
    }.items():
        r.refused(f"{what}: 422", UnprocessableEntityError, 422, call)


def absent(w, r):
    """404, for an id nothing has and for what could not be an id."""
    for what, id in (("absent", ABSENT), ("nonsense", NONSENSE)):
        for part, method, options in TAKE_AN_ID:
            call = getattr(getattr(w.admin, part), method)
            r.refused(f"{part}.{method}({what}): 404", NotFoundError, 404, call, id, **options)


TAKE_AN_ID = (
    ("secret_groups", "get", {}),
    ("secret_groups", "delete", {}),
    ("secrets", "get", {}),
    ("secrets", "delete", {}),
    ("personal_access_tokens", "delete", {}),
    ("virtual_accounts", "get", {}),
    ("virtual_accounts", "delete", {}),
    ("virtual_accounts", "get_token", {}),
    ("virtual_accounts", "regenerate_token", {"grace_period_in_minutes": 1}),
    ("virtual_accounts", "sync_to_secret_store", {}),
)

SECTIONS = (
    ("no good credential", credentials),
    ("malformed", malformed),
    ("invalid", invalid),
    ("absent", absent),
)
