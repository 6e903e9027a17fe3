"""The lifecycle suite: random calls on two homes, whose answers must follow rule L0, and what was written before.

Source: L0-L13, U1-U14.
"""

from dataclasses import replace

from hypothesis import reject, seed
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import NIGHT, external_id, home
from mockaxle.harness.finding import Finding
from mockaxle.harness.home_model import PROPOSITIONS, HomeModel
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import NOBODY
from mockaxle.harness.operations import (
    CHANGE_SITE,
    CONSENT,
    CREATE_ASSET,
    DECONSENT,
    DELETE_ASSET,
    DELETE_SITE,
    ENROL,
    INITIALISE,
    LIST_ASSETS,
    LIST_SITES,
    OFFBOARD,
    ONBOARD,
    PLUG_IN_SCHEDULE,
    READ_ASSET,
    READ_SITE,
    REGISTER,
    UNENROL,
)
from mockaxle.harness.properties import MAX_BROKEN, ExampleSearch, drawing
from mockaxle.harness.run import METHODS, Judge, NotTestable, Run
from mockaxle.harness.watching.checked import Checked

SUITE = "lifecycle"
HOMES = 2
places = st.integers(0, HOMES - 1)
propositions, methods = st.sampled_from(PROPOSITIONS), st.sampled_from(METHODS)


def lifecycle(run: Run) -> None:
    """Draw sequences of calls until one breaks a rule, then find the shortest such sequence. Raises: NotTestable."""
    if not run.may_write:
        raise NotTestable("it writes: --allow-writes")
    run.needs(ONBOARD, UNENROL, OFFBOARD, READ_SITE)
    mpans, known = run.homes.several(HOMES), set[str]()
    for _ in range(MAX_BROKEN):
        found = _shortest(run, mpans, known=frozenset(known))
        if found is None:
            return
        run.findings.add(found)
        known.add(found.title)


def _shortest(run: Run, mpans: tuple[str, ...], *, known: frozenset[str]) -> Finding | None:
    """Return the finding of the shortest sequence of calls that breaks a rule, except known ones."""
    search = ExampleSearch(run)

    class Machine(_LifecycleMachine):
        def __init__(self) -> None:
            search.begin()
            super().__init__(run, mpans, search=search, known=known)

    machine, settings = seed(run.seed)(Machine), drawing(run, examples=run.examples)
    return search.smallest(lambda: run_state_machine_as_test(machine, settings=settings))


class _LifecycleMachine(RuleBasedStateMachine):
    """Two homes. Each call must be answered as in the model, and the site is read after each."""

    def __init__(self, run: Run, mpans: tuple[str, ...], *, search: ExampleSearch, known: frozenset[str]) -> None:
        super().__init__()
        self._run, self._search, self._known = run, search, known
        self._of = "L0a"
        self._judge: Judge = run.judge(SUITE)
        self._account: CheckedAccount = run.main
        self._homes = [HomeModel(mpan, remembers=run.settings.withdrawal_memory) for mpan in mpans]
        self._steps: list[str] = []
        self._answers: list[Answer] = []
        self._began = len(run.target.exchanges)
        run.on_checked = self._watched

    def teardown(self) -> None:
        """Remove the sites, in whatever state they are."""
        self._run.on_checked = None
        for site_id in [model.site_id for model in self._homes if model.site_id in self._run.target.created]:
            self._run.take_away(self._account, str(site_id))

    @rule(place=places, proposition=propositions, overriding=st.booleans())
    def onboard(self, *, place: int, proposition: str, overriding: bool) -> None:
        model = self._homes[place]
        body: JsonObject = {"site": home(model.mpan), "assets": [self._charger(model)], "proposition": proposition}
        call = "onboard, overriding" if overriding else "onboard"
        cell = model.cell(call, proposition)
        answer = self._account.call(ONBOARD, {**body, "override_withdrawal": overriding})
        self._judged(answer, call, model, proposition=proposition, status=cell.status)
        if answer.status == 200:
            self._entered(model, answer, created=not model.exists)
            self._word(answer, answer.value("enrolment", "status"), cell.word, call=call)
            model.standings[proposition] = cell.standing
        self._read(model)

    @rule(place=places)
    def initialise(self, *, place: int) -> None:
        model = self._homes[place]
        if INITIALISE not in self._run.keys:
            return
        body: JsonObject = {"site": home(model.mpan), "assets": [self._charger(model)]}
        answer = self._account.call(INITIALISE, body)
        self._judged(answer, "initialise", model, status=200)
        if answer.status == 200:
            self._entered(model, answer, created=not model.exists)
        self._read(model)

    @rule(place=places, proposition=propositions, overriding=st.booleans())
    def enrol(self, *, place: int, proposition: str, overriding: bool) -> None:
        call = "enrol, overriding" if overriding else "enrol"
        body: JsonObject = {"proposition": proposition, "override_withdrawal": overriding}
        self._step(place, call, ENROL, body=body, method=proposition)

    @rule(place=places, proposition=propositions)
    def unenrol(self, *, place: int, proposition: str) -> None:
        self._step(place, "unenrol", UNENROL, body={"proposition": proposition}, method=proposition)

    @rule(place=places, method=methods)
    def consent(self, *, place: int, method: str) -> None:
        self._step(place, "dispatch-consent", CONSENT, body={"dispatch_methods": [method]}, method=method)

    @rule(place=places, method=methods)
    def deconsent(self, *, place: int, method: str) -> None:
        self._step(place, "dispatch-deconsent", DECONSENT, body={"dispatch_methods": [method]}, method=method)

    @rule(place=places, method=propositions)
    def register(self, *, place: int, method: str) -> None:
        model = self._homes[place]
        if REGISTER not in self._run.keys:
            return
        body: JsonObject = {"site": home(model.mpan), "asset": self._charger(model)}
        answer = self._account.call(REGISTER, {**body, "dispatch_consent": {"dispatch_methods": [method]}})
        self._judged(answer, "register", model, status=409 if model.exists else 200)
        if answer.status == 200:
            model.enter(answer.value("site", "id"))
            model.assets[self._name(model)] = str(answer.value("asset", "id"))
            model.standings[method] = "in"
        self._read(model)

    @rule(place=places, number=st.integers(1, 3), field=st.sampled_from(("address", "postcode")))
    def change(self, *, place: int, number: int, field: str) -> None:
        """Change a field of a site; the watch compares all fields of what is read afterwards."""
        model = self._homes[place]
        if CHANGE_SITE not in self._run.keys:
            return
        value = f"{number} {model.mpan} Row" if field == "address" else f"M{number} 1AE"
        answer = self._account.call(CHANGE_SITE, {field: value}, site_id=model.site_id or NOBODY)
        self._judged(answer, "PATCH", model, status=200 if model.exists else 404)
        self._read(model)

    @rule(place=places)
    def add_asset(self, *, place: int) -> None:
        model = self._homes[place]
        name = f"{self._name(model)}-added"
        if CREATE_ASSET not in self._run.keys or name in model.assets:
            return
        body: JsonObject = {"external_id": name, "type": "charger", "site_id": model.site_id or NOBODY}
        answer = self._account.call(CREATE_ASSET, body)
        self._judged(answer, "create asset", model, status=200 if model.exists else 404)
        if answer.status == 200:
            model.assets[name] = str(answer.value("id"))
        self._read(model)

    @rule(place=places)
    def find(self, *, place: int) -> None:
        """Find the site in the lists."""
        model = self._homes[place]
        for operation, query in ((LIST_SITES, {"mpan": model.mpan}), (LIST_ASSETS, {"limit": "5000"})):
            if operation in self._run.keys:
                answer = self._account.call(operation, query=query)
                self._judged(answer, "list", model, status=200)

    @rule(place=places)
    def offboard(self, *, place: int) -> None:
        model = self._homes[place]
        status = model.offboards_with()
        answer = self._account.call(OFFBOARD, site_id=model.site_id or NOBODY)
        self._judged(answer, "offboard", model, status=status)
        if answer.status == 200:
            gone = list(model.assets.values())
            model.leave()
            for asset_id in gone:
                self._gone(READ_ASSET, asset_id=asset_id)
        self._read(model)

    @rule(place=places)
    def delete(self, *, place: int) -> None:
        model = self._homes[place]
        if DELETE_SITE not in self._run.keys:
            return
        answer = self._account.call(DELETE_SITE, site_id=model.site_id or NOBODY)
        self._judged(answer, "delete", model, status=model.deletes_with())
        if answer.status == 204:
            model.leave()
        self._read(model)

    @rule(place=places)
    def delete_assets(self, *, place: int) -> None:
        model = self._homes[place]
        if DELETE_ASSET not in self._run.keys:
            return
        for name, asset_id in list(model.assets.items()):
            answer = self._account.call(DELETE_ASSET, asset_id=asset_id)
            self._judged(answer, "delete asset", model, status=204)
            del model.assets[name]
            self._gone(PLUG_IN_SCHEDULE, asset_id=asset_id)
        self._read(model)

    def _step(self, place: int, call: str, operation: str, *, body: JsonObject, method: str) -> None:
        """Make a call that concerns one method of a site."""
        model = self._homes[place]
        if operation not in self._run.keys:
            return
        cell = model.cell(call, method)
        answer = self._account.call(operation, body, site_id=model.site_id or NOBODY)
        self._judged(answer, call, model, proposition=method, status=cell.status)
        if answer.status == 200:
            if cell.word is not None:
                self._word(answer, answer.value("status"), cell.word, call=call)
            model.standings[method] = cell.standing
        self._read(model)

    def _entered(self, model: HomeModel, answer: Answer, *, created: bool) -> None:
        """Check a site that was created or already existed."""
        said = answer.value("site", "site_created")
        self._expect(said is created, answer, of="U2b", title="site_created is wrong", expected=f"{created}".lower())
        model.enter(answer.value("site", "site_id"))
        name, asset_id = self._name(model), str(answer.value("assets", 0, "asset_id"))
        before = model.assets.get(name, asset_id)
        model.assets[name] = asset_id
        title = "a repeated call creates a second asset"
        self._expect(asset_id == before, answer, of="U5a", title=title, expected=f"asset_id {before}")

    def _charger(self, model: HomeModel) -> dict[str, Json]:
        return {"external_id": self._name(model), "type": "charger", "properties": {"power_kw": 7.4}}

    def _name(self, model: HomeModel) -> str:
        return external_id(self._run, f"life-{model.mpan}")

    def _judged(self, answer: Answer, call: str, model: HomeModel, *, status: int, proposition: str = "") -> None:
        standing = model.standing(proposition) if proposition else ("there" if model.exists else "absent")
        step = f"{call} {proposition} of home {model.mpan} ({standing}): {answer.status}"
        self._steps.append(step.replace("  ", " "))
        self._answers.append(answer)
        self._of = model.statement_of(call, standing, method=proposition)
        title = f"{call} returns a wrong status if the site is {standing}"
        self._expect(answer.status == status, answer, of=self._of, title=title, expected=str(status))

    def _word(self, answer: Answer, said: Json, expected: str | None, *, call: str) -> None:
        title = f"{call} answers a wrong status field"
        self._expect(said == expected, answer, of=self._of, title=title, expected=f"status {expected}")

    def _gone(self, operation: str, *, asset_id: str) -> None:
        if operation not in self._run.keys:
            return
        body: Json = {"charging_schedule": NIGHT} if operation == PLUG_IN_SCHEDULE else None
        answer = replace(self._account, allowed=False).call(operation, body, asset_id=asset_id)
        title = f"{operation} finds a deleted asset"
        self._expect(answer.status == 404, answer, of="L8b", title=title, expected="404")

    def _read(self, model: HomeModel) -> None:
        """Check that the site equals the model."""
        answer = self._account.call(READ_SITE, site_id=model.site_id or NOBODY)
        self._expect(
            answer.status == (200 if model.exists else 404),
            answer,
            of=self._of if model.exists else "E4b",
            title="a site exists that should not, or is missing",
            expected="200" if model.exists else "404",
        )
        if not model.exists:
            return
        methods_in, wanted = answer.texts_at("dispatch_methods"), model.methods_in()
        title, expected = "a site has wrong dispatch methods", f"dispatch_methods {sorted(wanted)}"
        self._expect(
            methods_in == wanted, answer, of="L3a" if self._of == "L0d" else self._of, title=title, expected=expected
        )
        expected = f"asset_ids {sorted(model.assets.values())}"
        same = answer.texts_at("asset_ids") == set(model.assets.values())
        self._expect(same, answer, of="L13d", title="a site has wrong assets", expected=expected)

    def _watched(self, answer: Answer, checked: Checked) -> None:
        """Raises: BrokenRule, for a fault that the watch sees."""
        of, holds, title, expected = checked
        self._expect(holds, answer, of=of, title=title, expected=expected, watched=True)

    def _expect(
        self, holds: bool, answer: Answer, *, of: str, title: str, expected: str, watched: bool = False
    ) -> None:
        """Raises: BrokenRule, with the story so far."""
        self._judge.looks_at(of)
        if holds:
            return
        if title in self._known:
            reject()  # later faults follow from a known one
        steps, answers = self._steps, self._answers
        if answer not in answers:
            steps = [*steps, f"{answer.operation}: {answer.status}"]
            answers = [*answers, answer]
        story = tuple(f"{number}. {step}" for number, step in enumerate(steps, start=1))
        found = self._judge.finding(answer, of=of, title=title, expected=expected, story=story)
        exchanges = tuple(self._run.target.exchanges[self._began :])
        repeat = tuple(one.curl for one in answers)
        self._search.end(replace(found, repeat=repeat, exchanges=exchanges, watched=watched))
