"""What happens to values: changed, left alone, added, left out, and read back."""

from truefoundry_sdk import NotFoundError, UnprocessableEntityError, UpdateSecretInput

from world import ABSENT, by_name, ids


def replacement(w, r):
    """update is the whole key set: a changed value is a new version, a missing key is deleted."""
    group = w.need("billing")
    before = by_name(w.admin.secret_groups.get(group.id).data.associated_secrets)
    fresh = w.values[3]

    def update(*secrets):
        told = [UpdateSecretInput(**secret) for secret in secrets]
        return w.admin.secret_groups.update(group.id, secrets=told).data

    changed = update(
        {"key": "STRIPE_KEY", "value": fresh},
        {"key": "WEBHOOK_KEY"},
        {"key": "ADDED_KEY", "value": w.values[4]},
    )
    after = by_name(changed.associated_secrets)
    w.made.secrets = after
    r.equal("the keys are the ones sent", sorted(after), ["ADDED_KEY", "STRIPE_KEY", "WEBHOOK_KEY"])
    r.check("the answer shows no value", all(s.value is None for s in after.values()))
    kept = all(after[key].id == before[key].id for key in ("STRIPE_KEY", "WEBHOOK_KEY"))
    r.check("what stayed keeps its id", kept)
    r.equal("a changed value is a new version", w.numbers(after["STRIPE_KEY"].id), [2, 1])
    r.equal("an omitted value is kept", w.numbers(after["WEBHOOK_KEY"].id), [1])
    r.equal(
        "and is the one it was",
        w.admin.secrets.get(after["WEBHOOK_KEY"].id).data.value,
        w.values[1],
    )
    r.equal("a new key begins at version 1", w.numbers(after["ADDED_KEY"].id), [1])
    old = before["OLD_KEY"].id
    r.refused("an omitted key is deleted", NotFoundError, 404, w.admin.secrets.get, old)
    r.equal("by fqn too", list(w.admin.secrets.list(secret_fqns=[before["OLD_KEY"].fqn])), [])
    update(
        {"key": "STRIPE_KEY", "value": fresh},
        {"key": "WEBHOOK_KEY", "value": None},
        {"key": "ADDED_KEY"},
    )
    r.equal("an unchanged value makes no version", w.numbers(after["STRIPE_KEY"].id), [2, 1])
    r.equal("nor does a null one", w.numbers(after["WEBHOOK_KEY"].id), [1])
    update(
        {"key": "STRIPE_KEY", "value": w.values[0]}, {"key": "WEBHOOK_KEY"}, {"key": "ADDED_KEY"}
    )
    r.equal(
        "going back to an old value is a new version", w.numbers(after["STRIPE_KEY"].id), [3, 2, 1]
    )
    r.equal(
        "and is what is read", w.admin.secrets.get(after["STRIPE_KEY"].id).data.value, w.values[0]
    )


def history(w, r):
    """The versions of a secret, as the SDK's model reads them."""
    secret = w.need("secrets")["STRIPE_KEY"]
    versions = w.versions(secret.id)
    r.check("no version shows a value", versions and all(v.value is None for v in versions))
    r.equal(
        "a version's fqn ends in its number",
        [v.fqn for v in versions],
        [f"{secret.fqn}:{n}" for n in (3, 2, 1)],
    )
    r.check("each names its secret", all(v.secret_id == secret.id for v in versions))


def refusals(w, r):
    """What update does not do, and that it then does nothing."""
    group = w.need("billing")
    groups = w.admin.secret_groups
    keys = ids(groups.get(group.id).data.associated_secrets)

    def send(*secrets, id=group.id):
        groups.update(id, secrets=[UpdateSecretInput(**secret) for secret in secrets])

    r.refused("an empty set: 422", UnprocessableEntityError, 422, send)
    r.refused(
        "a key that cannot be: 422",
        UnprocessableEntityError,
        422,
        send,
        {"key": "a.b", "value": "x"},
    )
    r.refused(
        "a new key without a value: 422",
        UnprocessableEntityError,
        422,
        send,
        {"key": "STRIPE_KEY"},
        {"key": "NEW_KEY"},
    )
    r.refused(
        "an unknown group: 404", NotFoundError, 404, send, {"key": "A_KEY", "value": "x"}, id=ABSENT
    )
    r.equal(
        "none of them changed the group", ids(groups.get(group.id).data.associated_secrets), keys
    )


def reading(w, r):
    """secrets.get and secrets.list, with values and without."""
    group, secrets = w.need("billing"), w.need("secrets")
    expected = {"STRIPE_KEY": w.values[0], "WEBHOOK_KEY": w.values[1], "ADDED_KEY": w.values[4]}
    admin = w.admin.secrets
    read = {key: admin.get(secret.id).data.value for key, secret in secrets.items()}
    r.equal("get shows each value", read, expected)
    listed = by_name(admin.list(secret_group_id=group.id, with_value=True))
    r.equal("list with_value shows them too", {key: s.value for key, s in listed.items()}, expected)
    listed = list(admin.list(secret_group_id=group.id))
    r.equal("list by group has the keys", ids(listed), ids(secrets.values()))
    r.check("and without with_value no value", all(secret.value is None for secret in listed))
    fqn, other = secrets["STRIPE_KEY"].fqn, secrets["ADDED_KEY"].fqn
    asked = list(admin.list(secret_fqns=[fqn, f"tfy-secret://{other}"], with_value=True))
    r.equal(
        "list by fqn takes both spellings",
        {s.fqn: s.value for s in asked},
        {fqn: expected["STRIPE_KEY"], other: expected["ADDED_KEY"]},
    )
    r.check("list without filters has them", ids(secrets.values()) <= ids(admin.list()))
    r.equal(
        "an explicit null filter is none",
        bool(list(admin.list(secret_fqns=None, secret_group_id=None))),
        True,
    )
    r.refused("get of an unknown id: 404", NotFoundError, 404, admin.get, ABSENT)


SECTIONS = (
    ("secret_groups.update", replacement),
    ("a secret's versions", history),
    ("secret_groups.update, refused", refusals),
    ("secrets.get, secrets.list", reading),
)
