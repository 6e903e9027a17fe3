"""The records suite: sites and assets created, filled in, changed, listed and removed. Source: U1-U15, L6-L13."""

from mockaxle.harness.records.changes import assets_by_hand, changed_assets, changed_sites, handed_over, sites_by_hand
from mockaxle.harness.records.enrolments import methods, propositions, registered, standing_kept
from mockaxle.harness.records.lists import lists
from mockaxle.harness.records.refusals import (
    refused_after_leaving,
    refused_at_a_known_site,
    refused_initialises,
    refused_onboards,
)
from mockaxle.harness.records.removals import (
    deleted,
    deleted_by_hand,
    in_use,
    moved_house,
    never_there,
    offboarded,
    returned,
    without_assets,
)
from mockaxle.harness.records.upserts import (
    consent_by_enrol,
    consent_missing,
    enrolled_by_onboard,
    filled_in_by_hand,
    initialised_again,
    initialised_with_several_assets,
    onboarded_again,
    onboarded_with_several_assets,
)
from mockaxle.harness.run import NotTestable, Run

SUITE = "records"
PARTS = (
    initialised_again,
    onboarded_again,
    enrolled_by_onboard,
    initialised_with_several_assets,
    onboarded_with_several_assets,
    filled_in_by_hand,
    consent_by_enrol,
    consent_missing,
    refused_initialises,
    refused_onboards,
    refused_at_a_known_site,
    refused_after_leaving,
    propositions,
    methods,
    registered,
    standing_kept,
    sites_by_hand,
    changed_sites,
    assets_by_hand,
    changed_assets,
    handed_over,
    offboarded,
    never_there,
    returned,
    moved_house,
    deleted,
    deleted_by_hand,
    in_use,
    without_assets,
    lists,
)


def records(run: Run) -> None:
    """Create, change, list and remove sites and assets. The watch compares every answer. Raises: NotTestable."""
    if not run.may_write:
        raise NotTestable("it writes: --allow-writes")
    judge = run.judge(SUITE)
    for number, part in enumerate(PARTS):
        run.progress.step(number, len(PARTS))
        try:
            part(judge)
        except NotTestable as reason:
            run.untested.append(f"{SUITE}: {part.__name__.replace('_', ' ')}: {reason}")
    run.progress.step(len(PARTS), len(PARTS))
