"""Every method of the published SDK that has to do with secrets, against a running server. Started by xtask."""

import accounts
import changes
import groups
import manifests
import pages
import refusals
import roles
import tokens
from report import Halt, NotRun, Report
from world import COVERED, World

SECTIONS = (
    *groups.SECTIONS,
    *changes.SECTIONS,
    *pages.SECTIONS,
    *roles.SECTIONS,
    *refusals.SECTIONS,
    *accounts.SECTIONS,
    *manifests.SECTIONS,
    *tokens.SECTIONS,
    *groups.LAST,
)


def main():
    """Runs every section; one that cannot go on says so, and the next begins."""
    world = World()
    report = Report([*world.values, *world.tokens.values()])
    for name, section in SECTIONS:
        report.step(name)
        try:
            section(world, report)
        except NotRun as missing:
            report.not_run(name, str(missing))
        except Halt as halt:
            report.not_run(f"everything after: {name}", str(halt))
            break
        except Exception as error:
            report.check("every step could be made", False, report.wrong(error))
            report.not_run(f"the rest of: {name}", "a step failed")
    else:
        report.step("every method was called")
        for name in COVERED:
            report.equal(f"of {name}", world.uncalled(name), [])
    report.step("end")


main()
