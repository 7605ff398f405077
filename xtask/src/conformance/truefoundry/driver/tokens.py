"""Personal access tokens: made once, listed, used, refused to one another, and ended."""

from datetime import date, timedelta

from truefoundry_sdk import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from truefoundry_sdk.core import ApiError

from world import ONCE, ids, walk

# The page says 400 for a token that cannot be; a surface that says 422 everywhere says it here too.
INVALID = (400, 422)


def creation(w, r):
    """create: a token that works, and that its owner's list has."""
    mine = w.admin.personal_access_tokens
    w.made.minted = {}
    for name in ("sdk-one", "sdk-two", "sdk-three"):
        w.made.minted[name] = token = mine.create(name=name).token
        r.hide(token)
        r.check(f"{name} is a token the client takes for opaque", token.startswith("tfy_"))
    r.equal("each is another", len(set(w.made.minted.values())), 3)
    user = w.client(w.made.minted["sdk-one"])
    r.check("it opens what its owner may open", bool(list(user.secret_groups.list(limit=1))))
    pages = walk(r, "tokens", mine.list(limit=1, name_search_query="sdk-"))
    seen = [token.id for page in pages for token in page]
    r.equal("with every token once", [len(seen), len(set(seen))], [3, 3])
    r.equal("past the end is an empty page", mine.list(offset=1000).items, [])
    r.equal(
        "the total counts those asked for",
        mine.list(limit=1, name_search_query="sdk-t").response.pagination.total,
        2,
    )
    r.equal("a name nobody has finds none", list(mine.list(name_search_query="no-such-token")), [])
    shown = str([token.model_dump() for token in mine.list()])
    r.check("the list shows no token", not any(token in shown for token in w.made.minted.values()))


def lifetime(w, r):
    """expirationDate, and the format asked for."""
    mine = w.admin.personal_access_tokens
    later = (date.today() + timedelta(days=30)).isoformat()
    token = mine.create(name="sdk-dated", expiration_date=later, token_type="opaque").token
    r.hide(token)
    r.check(
        "a token with an end works before it",
        bool(list(w.client(token).secret_groups.list(limit=1))),
    )
    r.refused(
        "an end in the past is refused",
        None,
        INVALID,
        mine.create,
        name="sdk-past",
        expiration_date="2001-01-01",
    )
    r.refused(
        "an end that is no date is refused",
        None,
        INVALID,
        mine.create,
        name="sdk-soon",
        expiration_date="soon",
    )
    for name in ("ab", "Sdk-one", "sdk-one-", "a" * 37, "1-sdk"):
        r.refused(f"the name {name} is refused", None, INVALID, mine.create, name=name)


def conflicts(w, r):
    """A name is taken once; a token makes no tokens."""
    mine = w.admin.personal_access_tokens
    w.need("minted")
    r.refused(
        "a name that is taken: 409, after the client's own two retries",
        ConflictError,
        409,
        mine.create,
        name="sdk-one",
    )
    r.equal("which made nothing", len(list(mine.list(name_search_query="sdk-one"))), 1)
    w.need("ana")
    ana = {"name": "token-of-ana", "user_email": "ana@acme.dev"}
    r.refused(
        "the same for a user's: 409",
        ConflictError,
        409,
        mine.create_for_user,
        **ana,
        request_options=ONCE,
    )
    unknown = {"name": "for-nobody", "user_email": "nobody@acme.dev"}
    r.refused("for a user nobody knows: 404", NotFoundError, 404, mine.create_for_user, **unknown)
    token = w.client(w.made.minted["sdk-one"]).personal_access_tokens
    r.refused(
        "a personal access token makes none: 400",
        BadRequestError,
        400,
        token.create,
        name="sdk-child",
    )
    child = {"name": "sdk-child", "user_email": "ana@acme.dev"}
    r.refused("nor for a user: 400", BadRequestError, 400, token.create_for_user, **child)
    users = w.need("ana").personal_access_tokens
    r.refused(
        "a user makes none for another: 403",
        ForbiddenError,
        403,
        users.create_for_user,
        name="for-vic",
        user_email="vic@acme.dev",
    )
    r.refused("nor ends another's: 403", ApiError, 403, users.revoke_all, email="vic@acme.dev")
    r.equal("a user's list has her own alone", len(list(users.list())), 1)


def ending(w, r):
    """delete and revoke_all; a dead token is a bad credential at once."""
    mine, minted = w.admin.personal_access_tokens, w.need("minted")
    one = list(mine.list(name_search_query="sdk-one"))[0]
    r.refused(
        "another tenant's admin cannot delete it: 404",
        NotFoundError,
        404,
        w.foreign.personal_access_tokens.delete,
        one.id,
    )
    r.refused(
        "nor can another user: 404",
        NotFoundError,
        404,
        w.need("ana").personal_access_tokens.delete,
        one.id,
    )
    mine.delete(one.id)
    dead = w.client(minted["sdk-one"])
    r.refused("a deleted token is no credential: 401", ApiError, 401, dead.secret_groups.list)
    r.check("the others live", bool(list(w.client(minted["sdk-two"]).secret_groups.list(limit=1))))
    r.check("the list has it no more", one.id not in ids(mine.list()))
    r.refused("and it cannot go twice: 404", NotFoundError, 404, mine.delete, one.id)
    second = mine.create_for_user(name="second-of-vic", user_email="vic@acme.dev").token
    r.hide(second)
    mine.revoke_all(email="vic@acme.dev")
    for which, client in (("first", w.need("vic")), ("second", w.client(second))):
        r.refused(
            f"revoke_all ends a user's {which} token: 401", ApiError, 401, client.secret_groups.list
        )
    r.check("and nobody else's", bool(list(w.need("ana").secret_groups.list())))
    r.refused(
        "for a user nobody knows: 404", NotFoundError, 404, mine.revoke_all, email="nobody@acme.dev"
    )


SECTIONS = (
    ("personal_access_tokens.create, list", creation),
    ("personal_access_tokens.create, with an end", lifetime),
    ("personal_access_tokens, refused", conflicts),
    ("personal_access_tokens.delete, revoke_all", ending),
)
