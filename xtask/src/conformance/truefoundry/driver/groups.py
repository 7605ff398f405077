"""A group's beginning: created, created again, found in every way, and not found."""

from truefoundry_sdk import NotFoundError, SecretInput
from truefoundry_sdk.core import ApiError

from world import ABSENT, ONCE, TENANT, by_name, ids, walk

NAME = "billing-keys"
KEYS = ("STRIPE_KEY", "WEBHOOK_KEY", "OLD_KEY")


def integrations(w, r):
    """The store a group needs is discovered, as the SDK's models read it."""
    found = w.integration()
    r.equal("one secret store is listed", len(found), 1)
    w.made.integration = store = found[0]
    r.equal("it is a secret store", store.type, "secret-store")
    r.equal("its fqn begins with the tenant", store.fqn.split(":")[0], TENANT)
    r.equal("and has five parts", len(store.fqn.split(":")), 5)
    r.equal("its id stays", w.integration()[0].id, store.id)
    accounts = [account.fqn for account in w.accounts()]
    r.equal("its account is listed", accounts, [store.provider_account_fqn])


def creation(w, r):
    """create: every key, no value, the first version of each."""
    store = w.need("integration")
    group = w.admin.secret_groups.create(
        name=NAME, integration_id=store.id, secrets=inputs(w.values)
    ).data
    w.made.billing = group
    r.equal("its fqn is tenant:name", group.fqn, f"{TENANT}:{NAME}")
    r.equal("it has its name", group.name, NAME)
    r.equal("it has its tenant", group.tenant_name, TENANT)
    r.equal("it has its store", group.integration_id, store.id)
    secrets = by_name(group.associated_secrets)
    r.equal("it lists every key", sorted(secrets), sorted(KEYS))
    r.check("and no value", all(secret.value is None for secret in secrets.values()))
    fqns = all(secret.fqn == f"{TENANT}:{NAME}:{key}" for key, secret in secrets.items())
    r.check("a secret's fqn is tenant:group:key", fqns)
    r.check("each knows its group", all(s.secret_group_id == group.id for s in secrets.values()))
    firsts = [w.numbers(secret.id) for secret in secrets.values()]
    r.equal("each is at version 1", firsts, [[1]] * len(KEYS))


def endings(w, r):
    """Before anything reads a list to its end: that lists have one."""
    walk(r, "one group", w.admin.secret_groups.list(limit=1))
    walk(r, "its secrets", w.admin.secrets.list(limit=1))


def repetition(w, r):
    """A client that saw no answer sends the same again; another caller's clash is told."""
    group, store = w.need("billing"), w.need("integration")

    def create(values=w.values, keys=KEYS):
        return w.admin.secret_groups.create(
            name=NAME, integration_id=store.id, secrets=inputs(values, keys), request_options=ONCE
        )

    again = create().data
    r.equal("the same create again answers with the group as it is", again.id, group.id)
    before, after = ids(group.associated_secrets), ids(again.associated_secrets)
    r.equal("with the same secrets", after, before)
    r.equal("no second version is made", [w.numbers(id) for id in after], [[1]] * len(KEYS))
    r.equal("and no second group", len(w.admin.secret_groups.list(fqn=group.fqn).items), 1)
    other = w.values[1:] + w.values[:1]
    r.refused("another value under the same name: 409", ApiError, 409, create, other)
    more = (*KEYS[:2], "NEW_KEY")
    r.refused("another key under the same name: 409", ApiError, 409, create, keys=more)
    r.equal(
        "neither changed anything",
        ids(w.admin.secret_groups.get(group.id).data.associated_secrets),
        before,
    )


def finding(w, r):
    """get, get_by_fqn, list and its filters."""
    group = w.need("billing")
    admin = w.admin.secret_groups
    r.equal("get finds it", admin.get(group.id).data.fqn, group.fqn)
    r.equal("get_by_fqn finds it", admin.get_by_fqn(group.fqn).data.id, group.id)
    r.check("list has it", group.id in ids(admin.list()))
    r.equal("list by fqn has it alone", ids(admin.list(fqn=group.fqn)), {group.id})
    r.check("list by a part of its name has it", group.id in ids(admin.list(search="illing-k")))
    r.check("list by a part of a key has it", group.id in ids(admin.list(search="STRIPE")))
    r.equal("list by a part of nothing is empty", list(admin.list(search="nothing-has-this")), [])
    r.equal(
        "list with attributes still parses",
        admin.list(fqn=group.fqn, attributes=["id", "name"]).items[0].id,
        group.id,
    )
    values = [s.value for g in admin.list(search="STRIPE") for s in g.associated_secrets]
    r.check("list shows no value", all(value is None for value in values))
    absent = f"{TENANT}:no-such-group"
    r.equal("list by an unknown fqn is empty", list(admin.list(fqn=absent)), [])
    r.check(
        "get_by_fqn of an unknown one is the client's own NotFoundError",
        raises(NotFoundError, lambda: admin.get_by_fqn(absent)),
    )
    r.refused("get of an unknown id: 404", NotFoundError, 404, admin.get, ABSENT)


def ending(w, r):
    """Deletion of a secret, then of the whole group."""
    group = w.need("billing")
    secrets = w.admin.secret_groups.get(group.id).data.associated_secrets
    one, rest = secrets[0], secrets[1:]
    r.equal("deleting a secret answers the bare number 1", w.admin.secrets.delete(one.id), 1.0)
    r.refused("it is gone", NotFoundError, 404, w.admin.secrets.get, one.id)
    r.refused("and cannot go twice", NotFoundError, 404, w.admin.secrets.delete, one.id)
    left = w.admin.secret_groups.get(group.id).data.associated_secrets
    r.equal("the others stay", ids(left), ids(rest))
    r.equal("force_delete is accepted", w.admin.secrets.delete(rest[0].id, force_delete=True), 1.0)
    w.admin.secret_groups.delete(group.id)
    r.refused("a deleted group is gone", NotFoundError, 404, w.admin.secret_groups.get, group.id)
    left = [secret.id for secret in rest[1:]]
    gone = all(raises(NotFoundError, lambda id=id: w.admin.secrets.get(id)) for id in left)
    r.check("with its secrets", left and gone)
    r.refused("and cannot go twice", NotFoundError, 404, w.admin.secret_groups.delete, group.id)
    again = w.admin.secret_groups.create(
        name=NAME, integration_id=w.need("integration").id, secrets=inputs(w.values)
    ).data
    r.check("its name is free again, for a new group", again.id != group.id)
    w.admin.secret_groups.delete(again.id, force_delete=True)
    r.check(
        "force_delete deletes a group too",
        group.fqn not in {g.fqn for g in w.admin.secret_groups.list()},
    )


def inputs(values, keys=KEYS):
    """Keys with values, as create takes them."""
    return [SecretInput(key=key, value=value) for key, value in zip(keys, values)]


def raises(kind, call):
    """Whether a call ends in an exception of exactly this class."""
    try:
        call()
    except Exception as error:
        return type(error) is kind
    return False


SECTIONS = (
    ("the store behind the groups", integrations),
    ("secret_groups.create", creation),
    ("lists have an end", endings),
    ("secret_groups.create, sent again", repetition),
    ("secret_groups.get, get_by_fqn, list", finding),
)

LAST = (("secrets.delete, secret_groups.delete", ending),)
