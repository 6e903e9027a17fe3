"""The idempotency suite: repeated and concurrent calls. Source: U1, L4."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import LIMITED_PAUSE, charger, external_id, home, onboarding
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.operations import ENROL, INITIALISE, LIST_SITES, ONBOARD, READ_SITE, UNENROL
from mockaxle.harness.run import Judge, NotTestable, Run

SUITE = "idempotency"
AT_ONCE = 8


def idempotency(run: Run) -> None:
    """Repeat onboard, initialise, enrol and unenrol, and race onboard. Raises: NotTestable."""
    if not run.may_write:
        raise NotTestable("it writes: --allow-writes")
    run.needs(ONBOARD)
    judge = run.judge(SUITE)
    parts = (_onboard_twice, _merged, _refused, _initialise_twice, _enrol_and_unenrol_twice, _raced)
    for number, part in enumerate(parts):
        run.progress.step(number, len(parts))
        try:
            part(judge)
        except NotTestable as reason:
            run.untested.append(f"{SUITE}: {reason}")
    run.progress.step(len(parts), len(parts))


def _onboard_twice(judge: Judge) -> None:
    run = judge.run
    body = onboarding(run, run.homes.next(), name="twice")
    first, second = run.main.call(ONBOARD, body), run.main.call(ONBOARD, body)
    judge.status(first, 200, of="U1a", title="a home cannot be onboarded")
    _same_site(judge, first, second)
    judge.expect(
        second.value("enrolment", "status") == "already_enrolled",
        second,
        of="L4a",
        title="a second onboard enrols again",
        expected="enrolment.status already_enrolled",
    )
    same_asset = second.value("assets", 0, "asset_id") == first.value("assets", 0, "asset_id")
    expected = "the same asset_id, asset_created false"
    not_made = same_asset and second.value("assets", 0, "asset_created") is False
    judge.expect(not_made, second, of="U5a", title="a second onboard creates an asset", expected=expected)
    _end(run, second)


def _merged(judge: Judge) -> None:
    """Check that a repeated onboard reports differences and keeps the stored values."""
    run = judge.run
    mpan = run.homes.next()
    body, site = onboarding(run, mpan, name="merged"), home(mpan)
    made = run.main.call(ONBOARD, body)
    other = run.main.call(ONBOARD, {**body, "site": {**site, "postcode": "LS1 4AP"}})
    read = run.main.call(READ_SITE, site_id=str(made.value("site", "site_id")))
    title = "a repeated onboard overwrites stored values"
    kept = read.value("postcode") == site["postcode"]
    judge.expect(kept, read, of="U3c", title=title, expected=f"postcode {site['postcode']}")
    warned = bool(other.value("site", "warnings"))
    judge.expect(warned, other, of="U3d", title="a difference is not reported", expected="a warning")
    _end(run, made)


def _refused(judge: Judge) -> None:
    """Check that a refused onboard stores nothing."""
    run = judge.run
    run.needs(INITIALISE)
    site = home(run.homes.next())
    pump = {"external_id": external_id(run, "pump"), "type": "heat pump"}
    refused = run.main.call(ONBOARD, {"site": site, "assets": [pump], "proposition": LIMITED_PAUSE})
    judge.status(refused, 422, of="Q4a", title="a home without a charger enters limited_pause")
    after = run.main.call(INITIALISE, {"site": site, "assets": [charger(run, "after-refusal")]})
    title, fresh = "a refused onboard leaves a site behind", after.value("site", "site_created") is True
    judge.expect(fresh, after, of="U1d", title=title, expected="site_created true")
    _end(run, after)


def _initialise_twice(judge: Judge) -> None:
    run = judge.run
    run.needs(INITIALISE)
    body: JsonObject = {"site": home(run.homes.next()), "assets": [charger(run, "initialised")]}
    first, second = run.main.call(INITIALISE, body), run.main.call(INITIALISE, body)
    judge.status(first, 200, of="U1a", title="a home cannot be initialised")
    _same_site(judge, first, second)
    _end(run, second)


def _same_site(judge: Judge, first: Answer, second: Answer) -> None:
    same = first.value("site", "site_id") == second.value("site", "site_id") is not None
    judge.expect(
        same and second.value("site", "site_created") is False,
        second,
        of="U1c",
        title="a repeated call creates a second site",
        expected=f"site_id {first.value('site', 'site_id')}, site_created false",
    )


def _enrol_and_unenrol_twice(judge: Judge) -> None:
    run = judge.run
    run.needs(ENROL, UNENROL)
    made = run.main.call(ONBOARD, onboarding(run, run.homes.next(), name="again"))
    site_id = made.value("site", "site_id")
    if not isinstance(site_id, str):
        raise NotTestable(f"no site could be onboarded: {made.shown}")
    body = {"proposition": LIMITED_PAUSE}
    enrolled, left = (("L4a", "already_enrolled"),) * 2, (("L0d", "unenrolled"), ("L4c", "already_unenrolled"))
    for operation, words in ((ENROL, enrolled), (UNENROL, left)):
        for of, word in words:
            answer = run.main.call(operation, body, site_id=site_id)
            title = f"a repeated {operation.rpartition('/')[2]} is not reported as repeated"
            said = (answer.status, answer.value("status")) == (200, word)
            judge.expect(said, answer, of=of, title=title, expected=f"200 with status {word}")
    _end(run, made)


def _raced(judge: Judge) -> None:
    """Send the same onboard several times at once."""
    run = judge.run
    mpan = run.homes.next()
    body = onboarding(run, mpan, name="raced")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        account = replace(run.main, watched=False)  # the answers may come in another order
        answers = list(pool.map(lambda _: account.call(ONBOARD, body), range(AT_ONCE)))
    made = [answer for answer in answers if answer.value("site", "site_created") is True]
    judge.expect(
        len(made) == 1,
        made[-1] if made else answers[0],
        of="U1e",
        title=f"not exactly one of {AT_ONCE} concurrent onboards creates the site",
        expected=f"site_created true once, not {len(made)} times",
    )
    if LIST_SITES in run.keys:
        listed = run.main.call(LIST_SITES, query={"mpan": mpan})
        title = f"{AT_ONCE} concurrent onboards create more than one site"
        one = listed.value("total_num_sites") == 1
        judge.expect(one, listed, of="U1e", title=title, expected="total_num_sites 1")
    _end(run, answers[0])


def _end(run: Run, answer: Answer) -> None:
    site_id = answer.value("site", "site_id")
    if isinstance(site_id, str):
        run.take_away(run.main, site_id)
