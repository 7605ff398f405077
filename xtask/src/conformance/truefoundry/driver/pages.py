"""Pagers: every item once, in pages, and an end."""

from truefoundry_sdk import SecretInput
from truefoundry_sdk.core import ApiError

from world import ids, walk

COUNT = 5


def group_pages(w, r):
    """Several groups, two a page."""
    store = w.need("integration")
    names = [f"page-{number}" for number in range(COUNT)]
    secret = [SecretInput(key="A_KEY", value=w.values[5])]
    groups = [
        w.admin.secret_groups.create(name=name, integration_id=store.id, secrets=secret).data
        for name in names
    ]
    w.made.paged = groups
    pages = walk(r, "groups", w.admin.secret_groups.list(limit=2, search="page-"))
    r.equal("it has two items a page", [len(page) for page in pages], [2, 2, 1])
    seen = [group.id for page in pages for group in page]
    r.equal("and every group once", sorted(seen), sorted(ids(groups)))
    first = w.admin.secret_groups.list(limit=2, search="page-").response.pagination
    r.equal("the total counts all of them", first.total, COUNT)
    beyond = w.admin.secret_groups.list(limit=2, offset=1000, search="page-")
    r.equal("past the end is an empty page", beyond.items, [])
    r.equal("with the same total", beyond.response.pagination.total, COUNT)


def secret_pages(w, r):
    """One group's secrets, one a page; then the edges of `limit`."""
    group, secrets = w.need("billing"), w.need("secrets")
    pager = w.admin.secrets.list(limit=1, secret_group_id=group.id, with_value=True)
    pages = walk(r, "secrets", pager)
    seen = [secret.id for page in pages for secret in page]
    r.equal("with every secret once", sorted(seen), sorted(ids(secrets.values())))
    beyond = w.admin.secrets.list(offset=1000, secret_group_id=group.id)
    r.equal("past the end is an empty page", beyond.items, [])
    for limit in (0, 1001):
        r.refused(
            f"limit={limit} for groups: 422", ApiError, 422, w.admin.secret_groups.list, limit=limit
        )
        r.refused(
            f"limit={limit} for secrets: 422", ApiError, 422, w.admin.secrets.list, limit=limit
        )
    r.check("limit=1000 is the most there is", bool(list(w.admin.secret_groups.list(limit=1000))))


def cleared(w, r):
    """The groups made for the pages go again."""
    for group in w.need("paged"):
        w.admin.secret_groups.delete(group.id)
    r.equal("deleted groups are in no list", list(w.admin.secret_groups.list(search="page-")), [])


SECTIONS = (
    ("secret_groups.list, page by page", group_pages),
    ("secrets.list, page by page", secret_pages),
    ("the pages cleared", cleared),
)
