"""What was done, what was seen and whether it was right: one JSON document a line, for the program that runs this.

It must never print a value or a token: what it shows of an unexpected answer is cut short and has them taken out.
"""

import json

from truefoundry_sdk.core import ApiError

SHOWN = 160


class NotRun(Exception):
    """What a step needs is not there, because an earlier step failed."""


class Halt(Exception):
    """Nothing after this could be trusted to end."""


class Report:
    """Prints as it goes. What is right or wrong is counted by the reader."""

    def __init__(self, values):
        self.hidden = list(values)

    def step(self, what):
        """Says what is done next."""
        self._say({"step": what})

    def hide(self, token):
        """A text that must be seen nowhere from now on."""
        self.hidden.append(token)
        self._say({"hide": token})

    def check(self, what, right, why=None):
        """Whether something is as it should be."""
        self._say({"check": what, "right": bool(right), "why": None if right else why})

    def equal(self, what, seen, expected):
        """Whether a thing is the expected one; shows both when it is not."""
        self.check(what, seen == expected, f"expected {self.show(expected)}, saw {self.show(seen)}")

    def refused(self, what, kind, status, call, /, *args, **options):
        """Whether a call is refused with exactly this class and status, and a body that says the same.

        The SDK has classes for some refusals of some methods alone; the others are a plain ApiError. Where the
        contract leaves the status open, there are several, and the class is None: whichever the SDK has for it.
        """
        statuses = status if isinstance(status, tuple) else (status,)
        expected = f"expected {kind.__name__ if kind else 'a refusal'} {status}"
        try:
            call(*args, **options)
        except ApiError as error:
            seen = error.status_code
            right = (
                (kind is None or type(error) is kind)
                and seen in statuses
                and _says(error.body, seen)
            )
            self.check(what, right, f"{expected}, saw {self.wrong(error)}")
        except Exception as error:
            self.check(what, False, f"{expected}, saw {self.wrong(error)}")
        else:
            self.check(what, False, f"{expected}, but it was let through")

    def not_run(self, what, why):
        """A step that could not be made."""
        self._say({"not_run": what, "why": why})

    def wrong(self, error):
        """An exception in a line."""
        status = getattr(error, "status_code", None)
        body = getattr(error, "body", None)
        cause = getattr(error, "cause", None)
        told = (
            [type(error).__name__, status, body, cause] if status else [type(error).__name__, error]
        )
        return " ".join(self.show(part, str) for part in told if part is not None)

    def show(self, thing, form=repr):
        """A thing in a line, cut short, without values and tokens."""
        text = form(thing)
        for hidden in self.hidden:
            text = text.replace(hidden, "<hidden>")
        text = " ".join(text.split())
        return text if len(text) <= SHOWN else text[:SHOWN] + "…"

    @staticmethod
    def _say(document):
        print(json.dumps(document), flush=True)


def _says(body, status):
    """Whether an error's body, parsed or not, names the status and has something to say."""
    parsed = body if isinstance(body, dict) else vars(body) if hasattr(body, "message") else {}
    named = parsed.get("statusCode", parsed.get("status_code"))
    return named == status and isinstance(parsed.get("message"), str) and parsed["message"] != ""
