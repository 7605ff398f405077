"""Who sees and changes what: an editor, a viewer, an admin of the group, and those with no role in it."""

from truefoundry_sdk import (
    Collaborator,
    ForbiddenError,
    NotFoundError,
    SecretGroupManifest,
    SecretInput,
    UnprocessableEntityError,
    UpdateSecretInput,
)
from truefoundry_sdk.core import ApiError

from world import by_name, ids

ROLES = {"ana": "secret-group-editor", "vic": "secret-group-viewer", "ada": "secret-group-admin"}
KEYS = ("PAY_KEY", "PAY_SALT")


def manifest(w, name, people, **changes):
    """A group's manifest with these people in these roles."""
    told = [
        Collaborator(subject=f"user:{person}@acme.dev", role_id=role)
        for person, role in people.items()
    ]
    parts = {"integration_fqn": w.need("integration").fqn, **changes}
    return SecretGroupManifest(name=name, collaborators=told, **parts)


def upsert(w, r):
    """create_or_update: dry, then for good; values are put in by update."""
    groups = w.admin.secret_groups
    asked = manifest(w, "payments", ROLES)
    groups.create_or_update(manifest=asked, dry_run=True)
    r.equal("a dry run makes nothing", list(groups.list(search="payments")), [])
    group = groups.create_or_update(manifest=asked).data
    r.equal("a manifest makes the group", group.name, "payments")
    r.equal("it keeps its store", group.manifest["integration_fqn"], asked.integration_fqn)
    again = groups.create_or_update(manifest=asked).data
    r.equal("and finds it by name the next time", again.id, group.id)
    secrets = [UpdateSecretInput(key=key, value=value) for key, value in zip(KEYS, w.values)]
    filled = groups.update(group.id, secrets=secrets).data
    w.made.payments, w.made.pay = filled, by_name(filled.associated_secrets)
    r.equal("update puts the first secrets in", sorted(w.made.pay), sorted(KEYS))
    audits = groups.create_or_update(
        manifest=manifest(w, "audits", {"eve": "secret-group-viewer"})
    ).data
    w.made.audits = audits


def people(w, r):
    """create_for_user: a token of each person's own."""
    w.need("payments")
    for person in ("ana", "vic", "ada", "eve"):
        made = w.admin.personal_access_tokens.create_for_user(
            name=f"token-of-{person}", user_email=f"{person}@acme.dev"
        )
        r.hide(made.token)
        r.check(f"{person} gets a token the client takes for opaque", made.token.startswith("tfy_"))
        w.tokens[person] = made.token
        setattr(w.made, person, w.client(made.token))


def editor(w, r):
    """An editor reads, sees values and changes them; the group itself is not hers."""
    ana, group, pay = w.need("ana"), w.need("payments"), w.need("pay")
    r.equal(
        "an editor's list has the group and nothing else", ids(ana.secret_groups.list()), {group.id}
    )
    r.equal("she sees a value", ana.secrets.get(pay["PAY_KEY"].id).data.value, w.values[0])
    listed = by_name(ana.secrets.list(secret_group_id=group.id, with_value=True))
    r.equal("and all of them in a list", [listed[key].value for key in KEYS], w.values[:2])
    more = [
        {"key": "PAY_KEY", "value": w.values[2]},
        {"key": "PAY_SALT"},
        {"key": "PAY_TMP", "value": w.values[3]},
    ]
    changed = ana.secret_groups.update(
        group.id, secrets=[UpdateSecretInput(**one) for one in more]
    ).data
    r.equal("she changes a value", w.numbers(pay["PAY_KEY"].id), [2, 1])
    r.equal("and reads the new one", ana.secrets.get(pay["PAY_KEY"].id).data.value, w.values[2])
    spare = by_name(changed.associated_secrets)["PAY_TMP"].id
    r.equal("she deletes a secret", ana.secrets.delete(spare), 1.0)
    asked = manifest(w, "payments", {"ana": "secret-group-admin"})
    r.refused(
        "she cannot give roles: 403",
        ForbiddenError,
        403,
        ana.secret_groups.create_or_update,
        manifest=asked,
    )
    r.refused(
        "not even to try: 403",
        ForbiddenError,
        403,
        ana.secret_groups.create_or_update,
        manifest=asked,
        dry_run=True,
    )
    r.refused(
        "she cannot delete the group: 403", ForbiddenError, 403, ana.secret_groups.delete, group.id
    )


def viewer(w, r):
    """A viewer sees keys and no value, whichever way he asks."""
    vic, group, pay = w.need("vic"), w.need("payments"), w.need("pay")
    r.equal(
        "a viewer's list has the group and nothing else", ids(vic.secret_groups.list()), {group.id}
    )
    keys = sorted(s.name for s in vic.secret_groups.get(group.id).data.associated_secrets)
    r.equal("he sees the keys", keys, sorted(KEYS))
    one = vic.secrets.get(pay["PAY_KEY"].id).data
    r.equal("get shows him the secret", one.name, "PAY_KEY")
    r.check("without its value", one.value is None)
    listed = list(vic.secrets.list(secret_group_id=group.id, with_value=True))
    r.equal("list with_value shows him the secrets", ids(listed), ids(pay.values()))
    r.check("without their values", all(secret.value is None for secret in listed))
    change = [UpdateSecretInput(key="PAY_KEY", value="x"), UpdateSecretInput(key="PAY_SALT")]
    r.refused(
        "he cannot change a value: 403",
        ForbiddenError,
        403,
        vic.secret_groups.update,
        group.id,
        secrets=change,
    )
    r.refused(
        "nor delete a secret: 403", ForbiddenError, 403, vic.secrets.delete, pay["PAY_SALT"].id
    )
    r.refused("nor the group: 403", ForbiddenError, 403, vic.secret_groups.delete, group.id)
    asked = manifest(w, "payments", {"vic": "secret-group-admin"})
    r.refused(
        "nor make himself admin: 403",
        ForbiddenError,
        403,
        vic.secret_groups.create_or_update,
        manifest=asked,
    )
    r.equal("and none of it happened", w.numbers(pay["PAY_KEY"].id), [2, 1])


def outsiders(w, r):
    """Someone of the same tenant without a role, someone of another tenant, and a token without scopes."""
    group, pay = w.need("payments"), w.need("pay")
    secret = pay["PAY_KEY"]
    eve = w.need("eve")
    r.equal(
        "a list has only what one may see", ids(eve.secret_groups.list()), {w.need("audits").id}
    )
    change = [UpdateSecretInput(key="PAY_KEY", value="x")]
    for who, client in (("a colleague without a role", eve), ("another tenant's admin", w.foreign)):
        groups = client.secret_groups
        r.refused(f"{who}: get of the group 404", NotFoundError, 404, groups.get, group.id)
        r.refused(f"{who}: update 404", NotFoundError, 404, groups.update, group.id, secrets=change)
        r.refused(f"{who}: delete 404", NotFoundError, 404, groups.delete, group.id)
        r.refused(f"{who}: get of a secret 404", NotFoundError, 404, client.secrets.get, secret.id)
        r.refused(
            f"{who}: delete of a secret 404", NotFoundError, 404, client.secrets.delete, secret.id
        )
        r.equal(f"{who}: list by fqn is empty", list(groups.list(fqn=group.fqn)), [])
        r.equal(f"{who}: search is empty", list(groups.list(search="PAY_KEY")), [])
        listed, fqns = client.secrets.list, [secret.fqn, f"tfy-secret://{secret.fqn}"]
        none = nothing(listed, secret_fqns=fqns, with_value=True)
        r.check(f"{who}: secrets by fqn are none", none)
        none = nothing(listed, secret_group_id=group.id, with_value=True)
        r.check(f"{who}: secrets by group are none", none)
    r.refused("no scopes: list of groups 403", ApiError, 403, w.bare.secret_groups.list)
    r.refused(
        "no scopes: get 403 before any look-up",
        ForbiddenError,
        403,
        w.bare.secret_groups.get,
        group.id,
    )
    r.refused(
        "no scopes: list of secrets 403", ForbiddenError, 403, w.bare.secrets.list, with_value=True
    )


def admin(w, r):
    """An admin of the group gives and takes roles; the manifest's list is the whole truth."""
    ada, vic, group = w.need("ada"), w.need("vic"), w.need("payments")
    fewer = {person: role for person, role in ROLES.items() if person != "vic"}
    asked = manifest(w, "payments", fewer)
    ada.secret_groups.create_or_update(manifest=asked, dry_run=True)
    r.equal("a dry run takes no role", ids(vic.secret_groups.list()), {group.id})
    ada.secret_groups.create_or_update(manifest=asked)
    r.equal("who is left out has no role any more", list(vic.secret_groups.list()), [])
    r.refused("and finds nothing: 404", NotFoundError, 404, vic.secret_groups.get, group.id)
    strange = manifest(w, "payments", {"ada": "secret-group-emperor"})
    r.refused(
        "an unknown role: 422",
        UnprocessableEntityError,
        422,
        ada.secret_groups.create_or_update,
        manifest=strange,
    )
    moved = manifest(
        w, "payments", fewer, integration_fqn="acme:truefoundry:other:secret-store:other"
    )
    r.refused(
        "another store: 422",
        UnprocessableEntityError,
        422,
        ada.secret_groups.create_or_update,
        manifest=moved,
    )
    ada.secret_groups.create_or_update(manifest=manifest(w, "payments", ROLES))
    r.equal("who is named again has the role again", ids(vic.secret_groups.list()), {group.id})


def creator(w, r):
    """Whoever creates a group is its admin; creating one takes a scope, which a role is not."""
    store = w.need("integration")
    secrets = [SecretInput(key="OWN_KEY", value=w.values[5])]
    new = {"name": "anas-own", "integration_id": store.id, "secrets": secrets}
    r.refused("a role creates no group: 403", ApiError, 403, w.need("ana").secret_groups.create, **new)
    # A token with scopes and no more: of another kind than an administrator's.
    ana = w.client(w.scoped(["secrets:read", "secrets:write", "secrets:reveal"]))
    own = ana.secret_groups.create(**new).data
    r.check("a user's new group is in her list", own.id in ids(ana.secret_groups.list()))
    secret = own.associated_secrets[0].id
    r.equal("she sees its value", ana.secrets.get(secret).data.value, w.values[5])
    r.refused(
        "nobody else sees it: 404", NotFoundError, 404, w.need("ada").secret_groups.get, own.id
    )
    shared = manifest(w, "anas-own", {"ada": "secret-group-viewer"})
    ana.secret_groups.create_or_update(manifest=shared)
    r.check("she shares it", own.id in ids(w.need("ada").secret_groups.list()))
    ana.secret_groups.delete(own.id)
    r.refused("and deletes it", NotFoundError, 404, ana.secret_groups.get, own.id)


def nothing(call, **asked):
    """Whether a list is empty or, which says no more, refused as not found."""
    try:
        return list(call(**asked)) == []
    except NotFoundError:
        return True


SECTIONS = (
    ("secret_groups.create_or_update", upsert),
    ("personal_access_tokens.create_for_user", people),
    ("an editor", editor),
    ("a viewer", viewer),
    ("outsiders", outsiders),
    ("an admin of the group", admin),
    ("a creator", creator),
)
