"""client.apply and client.delete: any manifest, by its type."""

from truefoundry_sdk import (
    RoleBinding,
    RoleBindingManifest,
    RoleBindingPermission,
    RoleBindingSubject,
    SecretGroup,
    SecretGroupManifest,
    VirtualAccount,
    VirtualAccountManifest,
)
from truefoundry_sdk.core import ApiError

from roles import manifest
from world import TENANT, ids

# A name is no id: whether it is told as forbidden, as not found or as taken is the surface's to choose.
UNSEEN = (403, 404, 409)


def groups(w, r):
    """A secret group, dry, made, changed and deleted."""

    def listed():
        return list(w.admin.secret_groups.list(fqn=f"{TENANT}:applied"))

    first = manifest(w, "applied", {"ada": "secret-group-viewer"})
    dry = w.admin.apply(manifest=first, dry_run=True)
    r.equal("a dry run says CREATE", dry.action, "CREATE")
    r.equal("and makes nothing", listed(), [])
    made = w.admin.apply(manifest=first)
    r.equal("the first time it says CREATE", made.action, "CREATE")
    r.equal("and there was no manifest", made.existing_manifest, None)
    r.equal("the answer parses as a SecretGroup", type(made.data), SecretGroup)
    r.equal("and is the group", ids(listed()), {made.data.id})
    again = w.admin.apply(
        manifest=manifest(w, "applied", {"eve": "secret-group-viewer"}), force=True
    )
    r.equal("the next time it says UPDATE", again.action, "UPDATE")
    r.equal(
        "what was there parses as a SecretGroupManifest",
        type(again.existing_manifest),
        SecretGroupManifest,
    )
    people = {who.subject for who in again.existing_manifest.collaborators}
    r.check("and names who was there", "user:ada@acme.dev" in people)
    r.check("it is the same group", again.data.id == made.data.id)
    r.check("with the new people", made.data.id in ids(w.need("eve").secret_groups.list()))
    r.refused(
        "a user without a role there cannot apply it",
        None,
        UNSEEN,
        w.need("ada").apply,
        manifest=first,
    )
    r.refused("nor delete it", None, UNSEEN, w.need("ada").delete, manifest=first)
    w.admin.delete(manifest=first)
    r.equal("delete ends it", listed(), [])
    r.refused("and cannot end it twice: 404", ApiError, 404, w.admin.delete, manifest=first)


def others(w, r):
    """A virtual account and a role binding."""
    bot = VirtualAccountManifest(name="applied-bot")
    made = w.admin.apply(manifest=bot)
    r.equal("an account parses as a VirtualAccount", type(made.data), VirtualAccount)
    r.equal("it is there", w.admin.virtual_accounts.exists(name="applied-bot").exists, True)
    w.admin.delete(manifest=bot)
    r.equal("and is deleted", w.admin.virtual_accounts.exists(name="applied-bot").exists, False)
    group, eve = w.need("payments"), w.need("eve")
    binding = RoleBindingManifest(
        name="sg-payments-viewer-k3",
        subjects=[RoleBindingSubject(type="user", name="eve@acme.dev")],
        permissions=[
            RoleBindingPermission(
                resource_type="secret-group", resource_fqn=group.fqn, role="secret-group-viewer"
            )
        ],
    )
    made = w.admin.apply(manifest=binding)
    r.equal("a binding parses as a RoleBinding", type(made.data), RoleBinding)
    r.check("and gives the role", group.id in ids(eve.secret_groups.list()))
    w.admin.delete(manifest=binding)
    r.check("which goes with it", group.id not in ids(eve.secret_groups.list()))


def refused(w, r):
    """What apply does not know."""
    store = w.need("integration").fqn
    base = {"type": "secret-group", "integration_fqn": store}
    for what, asked in {
        "a type nobody knows": {"type": "no-such-type", "name": "x-y-z"},
        "no type": {"name": "x-y-z"},
        "no name": base,
        "a name that cannot be": {**base, "name": "X"},
        "the reserved group": {**base, "name": "default"},
        "a store that is not there": {
            **base,
            "name": "x-y-z",
            "integration_fqn": "acme:a:b:secret-store:c",
        },
    }.items():
        r.refused(f"{what}: 422", ApiError, 422, w.admin.apply, manifest=asked)
    r.refused(
        "the reserved group is not deleted: 422",
        ApiError,
        422,
        w.admin.delete,
        manifest={**base, "name": "default"},
    )


def reserved(w, r):
    """The group `default`: there while it holds a secret, and changed only by its secrets."""

    def found():
        return list(w.admin.secret_groups.list(fqn=f"{TENANT}:default"))

    r.equal("an empty one is not listed", found(), [])
    body = {"key": "V1_KEY", "value": w.values[5], "disclosure": "READABLE"}
    made = w.plain("POST", f"/v1/tenants/{TENANT}/secrets", w.tokens["admin"], json=body)
    r.equal("a secret of the other surface is made", made.status_code, 201)
    groups = found()
    r.equal("now it is listed", [group.name for group in groups], ["default"])
    secret = groups[0].associated_secrets[0]
    r.equal("with the secret", secret.fqn, f"{TENANT}:default:V1_KEY")
    r.equal("whose value is read", w.admin.secrets.get(secret.id).data.value, w.values[5])
    r.refused("it is not deleted: 422", ApiError, 422, w.admin.secret_groups.delete, groups[0].id)
    r.equal("its secret is", w.admin.secrets.delete(secret.id), 1.0)
    r.equal("and then it is not listed any more", found(), [])


SECTIONS = (
    ("apply and delete: a secret group", groups),
    ("apply and delete: other manifests", others),
    ("apply and delete, refused", refused),
    ("the group default", reserved),
)
