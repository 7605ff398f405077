"""Virtual accounts: signed tokens that are given out again, replaced with grace, and ended."""

import jwt
from truefoundry_sdk import (
    NotFoundError,
    Permissions,
    TfySecretsConfig,
    UnprocessableEntityError,
    VirtualAccountManifest,
)
from truefoundry_sdk.core import ApiError

from world import ABSENT, TENANT, by_name, ids, walk


def manifest(name="build-bot", role=None, **parts):
    """An account's manifest, with a role in the group `payments` when one is named."""
    if role:
        parts["permissions"] = [
            Permissions(
                resource_fqn=f"{TENANT}:payments", resource_type="secret-group", role_id=role
            )
        ]
    return VirtualAccountManifest(name=name, **parts)


def creation(w, r):
    """create_or_update, exists, get, list; the token comes with the creation alone."""
    w.need("payments")
    bots = w.admin.virtual_accounts
    asked = manifest(role="secret-group-viewer", tags={"for": "conformance"})
    r.equal("exists says no", bots.exists(name="build-bot").exists, False)
    dry = bots.create_or_update(manifest=asked, dry_run=True)
    r.check("a dry run gives no token", not dry.token)
    r.equal("and makes nothing", bots.exists(name="build-bot").exists, False)
    made = bots.create_or_update(manifest=asked)
    r.hide(made.token)
    w.made.bot, w.made.bot_token = made.data, made.token
    r.equal("exists says yes", bots.exists(name="build-bot").exists, True)
    r.equal("its type is virtual-account", made.data.type, "virtual-account")
    r.equal("its manifest has its name", made.data.manifest.name, "build-bot")
    again = bots.create_or_update(manifest=asked)
    r.equal("the same again finds it by name", again.data.id, made.data.id)
    r.check("and gives no token", not again.token)
    r.equal("get finds it", bots.get(made.data.id).data.id, made.data.id)
    for name in ("page-bot-a", "page-bot-b"):
        r.hide(bots.create_or_update(manifest=manifest(name)).token)
    pages = walk(r, "accounts", bots.list(limit=1, name_search_query="page-bot"))
    r.equal("with every account once", [len(page) for page in pages], [1, 1])
    r.check("list has it", made.data.id in ids(bots.list()))
    r.equal(
        "list by a part of its name has it alone",
        ids(bots.list(name_search_query="build-b")),
        {made.data.id},
    )
    r.check("list of what has not expired has it", made.data.id in ids(bots.list(is_expired=False)))
    r.check(
        "list of what has expired has it not", made.data.id not in ids(bots.list(is_expired=True))
    )
    r.equal(
        "list by a team nobody is in is empty",
        list(bots.list(owned_by_teams=["no-team", "none"])),
        [],
    )
    r.equal("past the end is an empty page", bots.list(offset=1000).items, [])


def claims(w, r):
    """The token is a JWT anyone can check, with what the command line reads out of it."""
    bot, token = w.need("bot"), w.need("bot_token")
    head = jwt.get_unverified_header(token)
    r.equal("it is signed with Ed25519", head["alg"], "EdDSA")
    keys = w.plain("GET", "/.well-known/jwks.json").json()
    r.check("the key set names no tenant", TENANT not in str(keys))
    public = jwt.PyJWKSet.from_dict(keys)[head["kid"]]
    body = jwt.decode(token, public, algorithms=["EdDSA"], options={"verify_aud": False})
    r.equal("its jti is the account's jwtId", body["jti"], bot.jwt_id)
    r.equal("it names the tenant", body["tenantName"], TENANT)
    r.equal("and a service account", body["subjectType"], "serviceaccount")
    r.check("it has an end and a subject", body["exp"] > body["iat"] and bool(body["sub"]))


def use(w, r):
    """Its roles are what its manifest says, now."""
    bots, bot, secret = (
        w.admin.virtual_accounts,
        w.client(w.need("bot_token")),
        w.need("pay")["PAY_SALT"],
    )
    group = w.need("payments")
    r.equal(
        "an account sees the group it has a role in, and no other",
        ids(bot.secret_groups.list()),
        {group.id},
    )
    r.check("as a viewer it sees no value", bot.secrets.get(secret.id).data.value is None)
    bots.create_or_update(manifest=manifest(role="secret-group-editor"))
    r.equal(
        "as an editor it does, with the same token",
        bot.secrets.get(secret.id).data.value,
        w.values[1],
    )
    bots.create_or_update(manifest=manifest())
    r.equal("left out, its permissions stay", bot.secrets.get(secret.id).data.value, w.values[1])
    invalid = {
        "no permissions": manifest(permissions=[]),
        "an unknown role": manifest(role="secret-group-emperor"),
    }
    for what, asked in invalid.items():
        r.refused(
            f"{what}: 422", UnprocessableEntityError, 422, bots.create_or_update, manifest=asked
        )
    r.refused(
        "an account makes no accounts: 403",
        ApiError,
        403,
        bot.virtual_accounts.create_or_update,
        manifest=manifest("child-bot"),
    )
    r.refused(
        "nor does a user: 403",
        ApiError,
        403,
        w.need("ana").virtual_accounts.create_or_update,
        manifest=manifest("anas-bot"),
    )
    foreign = w.foreign.virtual_accounts
    r.refused("another tenant does not see it: 404", NotFoundError, 404, foreign.get, w.made.bot.id)
    r.refused("nor its token: 404", NotFoundError, 404, foreign.get_token, w.made.bot.id)
    r.refused(
        "a user may not have its token",
        None,
        (403, 404),
        w.need("ana").virtual_accounts.get_token,
        w.made.bot.id,
    )


def turning(w, r):
    """get_token gives the same again; regenerate_token another, with grace for the old one."""
    bots, bot, first = w.admin.virtual_accounts, w.need("bot"), w.need("bot_token")
    r.equal("get_token gives the identical token", bots.get_token(bot.id).token == first, True)
    second = bots.regenerate_token(bot.id, grace_period_in_minutes=30).token
    r.hide(second)
    r.check("regenerate_token gives another", second != first)
    r.equal("which get_token gives from now on", bots.get_token(bot.id).token == second, True)
    for which, token in (("old", first), ("new", second)):
        r.check(
            f"in the grace the {which} one works", bool(list(w.client(token).secret_groups.list()))
        )
    now = bots.get(bot.id).data
    r.equal("the account shows both by id", {bot.jwt_id, now.jwt_id} <= ids(now.jwts or []), True)
    bots.delete_jwt(bot.id, bot.jwt_id)
    r.refused("delete_jwt ends the old one: 401", ApiError, 401, w.client(first).secret_groups.list)
    r.check("and not the new one", bool(list(w.client(second).secret_groups.list())))
    r.refused("an unknown one cannot go: 404", ApiError, 404, bots.delete_jwt, bot.id, ABSENT)
    third = bots.regenerate_token(bot.id, grace_period_in_minutes=0).token
    r.hide(third)
    r.refused(
        "without grace the old one ends at once: 401",
        ApiError,
        401,
        w.client(second).secret_groups.list,
    )
    r.check("and the new one works", bool(list(w.client(third).secret_groups.list())))
    w.made.bot_token = third


def syncing(w, r):
    """sync_to_secret_store: the token as a secret of a group."""
    bots, bot, group = w.admin.virtual_accounts, w.need("bot"), w.need("payments")
    r.refused(
        "an account without a store to sync to is told so",
        None,
        (400, 422),
        bots.sync_to_secret_store,
        bot.id,
    )
    place = TfySecretsConfig(secret_group="payments", key="BOT_TOKEN")
    bots.create_or_update(manifest=manifest(secret_store_config=place))
    current = bots.get(bot.id).data.jwt_id
    done = bots.sync_to_secret_store(bot.id).sync_token_in_secret_store_info
    r.equal("the sync names the token", done.jwt_id, current)
    r.check("and no error", not done.error)
    secret = by_name(w.admin.secret_groups.get(group.id).data.associated_secrets)["BOT_TOKEN"]
    stored = w.admin.secrets.get(secret.id).data.value
    r.equal("the secret is the token", stored == w.need("bot_token"), True)
    again = bots.sync_to_secret_store(bot.id).sync_token_in_secret_store_info
    r.equal(
        "a second sync has nothing to do",
        [again.updated_at, w.numbers(secret.id)],
        [done.updated_at, [1]],
    )
    forced = bots.sync_to_secret_store(bot.id, force=True).sync_token_in_secret_store_info
    r.equal("force does it all the same", forced.jwt_id, current)
    w.admin.secrets.delete(secret.id)


def ending(w, r):
    """delete: for good."""
    bots, bot = w.admin.virtual_accounts, w.need("bot")
    bots.delete(bot.id)
    r.equal("a deleted account does not exist", bots.exists(name="build-bot").exists, False)
    r.refused("nor is found: 404", NotFoundError, 404, bots.get, bot.id)
    r.refused(
        "its token is no credential: 401",
        ApiError,
        401,
        w.client(w.need("bot_token")).secret_groups.list,
    )
    r.refused("and it cannot go twice: 404", NotFoundError, 404, bots.delete, bot.id)


SECTIONS = (
    ("virtual_accounts.create_or_update, exists, get, list", creation),
    ("a virtual account's token, looked into", claims),
    ("a virtual account's roles", use),
    ("virtual_accounts.get_token, regenerate_token, delete_jwt", turning),
    ("virtual_accounts.sync_to_secret_store", syncing),
    ("virtual_accounts.delete", ending),
)
