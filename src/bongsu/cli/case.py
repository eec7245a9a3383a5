"""`bongsu case`: the response to a theft, from its opening to its close (docs/cases.md).

Each verb's options and words stand here; what they share is in case_given.py and case_shown.py; the work is done in
bongsu.respond.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from bongsu.cli.case_given import (
    desk_and_actor,
    is_alive,
    marking_of,
    moment_of,
    narrow,
    pairs_of,
    playbook_named,
    this_process,
)
from bongsu.cli.case_shown import (
    case_document,
    due_rows,
    event_document,
    measure_document,
    print_agenda,
    print_measures,
    print_requests,
    print_table,
    say,
    short_data,
    when_text,
)
from bongsu.cli.shell import Format, err, out, plural
from bongsu.errors import RecordError, SourceError

app = typer.Typer(no_args_is_help=True, help="Work a case: its requests, its playbooks, its clock, its log.")

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's id.")]
Db = Annotated[
    str, typer.Option("--db", envvar="BONGSU_DB", metavar="URL", help="The database: a SQLite file or a URL.")
]
Me = Annotated[str, typer.Option("--as", envvar="BONGSU_ACTOR", metavar="NAME@AGENCY", help="Who acts.")]
Agencies = Annotated[
    Path | None, typer.Option("--agencies", envvar="BONGSU_AGENCIES", metavar="FILE", help="Who may do what (TOML).")
]
As = Annotated[Format, typer.Option("--format", help="A table, or JSON for programs.")]
DB = "bongsu.db"


@app.command("open")
def open_case(
    case: Case,
    me: Me,
    title: Annotated[str, typer.Option(help="What the case is called; the trace's title otherwise.")] = "",
    source: Annotated[
        str | None, typer.Option("--from", metavar="FOLDER", help="A case folder, or what `bongsu respond` wrote.")
    ] = None,
    incident: Annotated[str, typer.Option(metavar="ID", help="An incident of the ledger.")] = "",
    finding: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What `bongsu trace patterns --format json` printed.")
    ] = None,
    number: Annotated[int, typer.Option(help="Which finding of that file, from 1.")] = 1,
    officer: Annotated[Path | None, typer.Option(help="TOML file with the asking officer's particulars.")] = None,
    alert: Annotated[str | None, typer.Option(help="When the alert came, ISO 8601; now otherwise.")] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="AGENCY", help="The only agencies that may know of it; repeat.")
    ] = None,
    marking: Annotated[str, typer.Option(help="TLP 2.0 level.")] = "amber",
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Open a case: from a trace (--from), an incident of the ledger, a finding, or by hand with --title."""
    from bongsu.ledger.files import read_ledger
    from bongsu.respond.origin import from_finding, from_incident
    from bongsu.respond.packets import read_assessed

    if sum(given is not None for given in (source, incident or None, finding)) > 1:
        raise RecordError("a case is opened from one thing", hint="say one of --from, --incident and --finding")
    desk, actor = desk_and_actor(db, agencies, me)
    if incident or finding:
        origin = from_finding(finding, number) if finding else from_incident(read_ledger(), incident)
        state = desk.open(
            case, title or origin.title, actor, source=origin.source, watch=origin.watch, alert_at=moment_of(alert),
            agencies=only or (), marking=marking_of(marking),
        )  # fmt: skip
    elif source is None:
        if not title:
            raise RecordError("a case needs a title", hint="say --title, --from FOLDER, --incident or --finding")
        state = desk.open(
            case, title, actor, alert_at=moment_of(alert), agencies=only or (), marking=marking_of(marking)
        )
    else:
        with err.status("Tracing, and drafting the packets"):
            read, assessed = read_assessed(source, officer, desk.log.now().date(), marking_of(marking))
        came_from = {"from": source, "incident": read.incident, "inputs": dict(read.digests)}
        state = desk.open(
            case, title or read.title, actor, assessed=assessed, source=came_from, alert_at=moment_of(alert),
            agencies=only or (), marking=marking_of(marking),
        )  # fmt: skip
    say(form, case_document(state), f"{case} is open: {state.title}. Next: bongsu case run {case} --playbook NAME")


@app.command("list")
def list_cases(me: Me, db: Db = DB, agencies: Agencies = None, form: As = Format.TABLE) -> None:
    """List the cases that you may see."""
    desk, actor = desk_and_actor(db, agencies, me)
    states = desk.cases(actor)
    if form is Format.JSON:
        typer.echo(json.dumps([case_document(s) for s in states], indent=2, ensure_ascii=False))
        return
    print_table(
        ["case", "title", "opened", "state", "requests", "events"],
        [
            [s.id, s.title, when_text(s.opened_at), "open" if s.open else "closed", str(len(s.requests)), str(s.events)]
            for s in states
        ],
    )


@app.command()
def show(case: Case, me: Me, db: Db = DB, agencies: Agencies = None, form: As = Format.TABLE) -> None:
    """Show a case: its requests, its playbooks, its notes, what waits, and its measures."""
    from bongsu.respond.due import agenda

    desk, actor = desk_and_actor(db, agencies, me)
    state = desk.state(case, actor)
    narrow(desk, state, actor)
    if form is Format.JSON:
        typer.echo(json.dumps(case_document(state, full=True), indent=2, ensure_ascii=False))
        return
    out.print(f"[bold]{state.title}[/bold] ({case}), {'open' if state.open else 'closed: ' + state.closed_why}")
    out.print(
        f"opened {when_text(state.opened_at)} by {state.opened_by}; alert {when_text(state.alert_at)}; "
        f"TLP:{state.marking.upper()}"
    )
    if state.requests:
        print_requests(state)
    for run_id, run in state.runs.items():
        end = "runs" if run.outcome is None else "ended well" if run.outcome else f"failed: {run.why}"
        out.print(f"{run_id} {state.names[run_id]}: {end}")
    print_agenda(agenda(state), desk.log.now())
    for remark in state.remarks[-10:]:
        out.print(f"{when_text(remark.at)} {remark.by}: {remark.text}")
    print_measures(state)


@app.command()
def run(
    case: Case,
    me: Me,
    playbook: Annotated[
        str | None, typer.Option("--playbook", metavar="NAME", help="Begin this playbook: a shipped one, or a file.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="__NAME__=VALUE", help="A variable; repeat.")
    ] = None,
    beside: Annotated[
        list[Path] | None, typer.Option("--with", metavar="FILE", help="A playbook it calls; repeat.")
    ] = None,
    accept_errors: Annotated[
        bool, typer.Option("--accept-errors", help="Run a playbook with errors all the same.")
    ] = False,
    retrace: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Take in a new trace first: amends requests.")
    ] = None,
    officer: Annotated[Path | None, typer.Option(help="TOML file with the asking officer's particulars.")] = None,
    channels: Annotated[Path | None, typer.Option(help="TOML file: which way out each venue's packets take.")] = None,
    outbox: Annotated[Path, typer.Option(help="Folder for packets that somebody carries.")] = Path("outbox"),
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Bring a case forward as far as it goes without a person, and say what waits for whom."""
    from bongsu.respond.channel import read_channels
    from bongsu.respond.due import agenda
    from bongsu.respond.http import send
    from bongsu.respond.packets import read_assessed
    from bongsu.respond.playbook import read_playbook
    from bongsu.respond.runner import Runner

    desk, actor = desk_and_actor(db, agencies, me)
    ways = read_channels(channels, outbox, os.environ)
    desk.may(case, actor, "run")
    if retrace is not None:
        with err.status("Tracing, and drafting the packets"):
            marking = desk.state(case, actor).marking
            assessed = read_assessed(retrace, officer, desk.log.now().date(), marking)[1]
        desk.reassess(case, assessed, actor)
    told = []
    if playbook is not None:
        nested = [read_playbook(path) for path in beside or ()]
        run_id = desk.start(
            case, playbook_named(playbook), actor, values=pairs_of(values), nested=nested, accept_errors=accept_errors
        )
        told.append(f"{run_id} begins: {playbook}")
    told += Runner(desk.log, desk.roster, ways, send, this_process(), is_alive).run(case, actor)
    state = desk.state(case, actor)
    narrow(desk, state, actor)
    if form is Format.JSON:
        typer.echo(json.dumps({"done": told, **case_document(state, full=True)}, indent=2, ensure_ascii=False))
        return
    for line in told or ["nothing could be done without a person"]:
        out.print(line)
    print_agenda(agenda(state), desk.log.now())


@app.command()
def approve(
    case: Case,
    subjects: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Requests or commands; `all` for every request.")
    ],
    me: Me,
    why: Annotated[str, typer.Option(help="The reason, for the log.")] = "",
    accept_gaps: Annotated[
        bool, typer.Option("--accept-gaps", help="Approve a letter whose placeholders are filled in by hand.")
    ] = False,
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Approve what would leave the house: never your own draft."""
    desk, actor = desk_and_actor(db, agencies, me)
    if subjects == ["all"]:
        subjects = [r.id for r in desk.state(case, actor).requests.values() if r.waits_for_approval]
    for subject in subjects:
        desk.approve(case, subject, actor, why, accept_gaps=accept_gaps)
    state = desk.state(case, actor)
    say(form, case_document(state, full=True), f"approved: {', '.join(subjects) or 'nothing waits'}")


@app.command()
def answer(
    case: Case,
    subject: Annotated[str, typer.Argument(metavar="ID", help="A request, a task, or a try in doubt.")],
    says: Annotated[
        str,
        typer.Argument(
            metavar="ANSWER",
            help="Request: acknowledged, granted, partly, refused. Task: done, failed. In doubt: arrived, again.",
        ),
    ],
    me: Me,
    note: Annotated[str, typer.Option(help="What was said, or why it failed.")] = "",
    reference: Annotated[str, typer.Option(help="The venue's reference.")] = "",
    frozen: Annotated[list[str] | None, typer.Option(metavar="ASSET=AMOUNT", help="Sum frozen in all; repeat.")] = None,
    returned: Annotated[
        list[str] | None, typer.Option(metavar="ASSET=AMOUNT", help="Sum returned in all; repeat.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="__NAME__=VALUE", help="A result of a task; repeat.")
    ] = None,
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Record what a venue answered, what came of a task, or what became of a try in doubt."""
    from bongsu.respond.measures import amount

    desk, actor = desk_and_actor(db, agencies, me)
    sums = [pairs_of(frozen), pairs_of(returned)]
    for pairs in sums:
        for text in pairs.values():
            amount(text)
    state = desk.answer(
        case,
        subject,
        says,
        actor,
        note=note,
        reference=reference,
        values=pairs_of(values),
        frozen=sums[0],
        returned=sums[1],
    )
    repeated = subject in state.requests and sum(
        (a.says, a.reference) == (says, reference) for a in state.requests[subject].answers
    )
    text = f"{subject}: {says}" + (", as it was answered before: recorded as a repeat" if repeated > 1 else "")
    say(form, case_document(state, full=True), text)


@app.command()
def note(
    case: Case,
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    me: Me,
    file: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Keep a file with it, by digest; repeat.")
    ] = None,
    compartment: Annotated[str, typer.Option(help="Only this compartment's members may read it.")] = "",
    chain_logs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Logs of the chain: look for freezes of the case's addresses.")
    ] = None,
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Write to a case: a note, files with it, and freezes found on chain."""
    from bongsu.respond.freezes import read_freezes

    desk, actor = desk_and_actor(db, agencies, me)
    try:
        files = {path.name: path.read_bytes() for path in file or ()}
    except OSError as error:
        raise SourceError(f"the file cannot be read: {error.strerror}", source=str(error.filename)) from None
    found = read_freezes(chain_logs, desk.state(case, actor)) if chain_logs else []
    state = desk.note(case, text, actor, files=files, compartment=compartment)
    if found:
        state = desk.seen_freezes(case, found, actor)
    narrow(desk, state, actor)
    said = "noted" + (
        f"; {len(found)} {plural(len(found), 'event')} of the issuers touch the case" if chain_logs else ""
    )
    say(form, case_document(state, full=True), said)


@app.command()
def log(
    case: Case,
    me: Me,
    verify: Annotated[bool, typer.Option("--verify", help="Prove the chain, and say its head.")] = False,
    expect: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="A digest kept elsewhere that it must hold.")
    ] = None,
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Print a case's log, or prove that nobody changed it."""
    desk, actor = desk_and_actor(db, agencies, me)
    if verify or expect:
        count, head = desk.log.verify(case, expect)
        say(
            form,
            {"case": case, "events": count, "head": head},
            f"{case}: all {count} events are as they were written. Head: {head}",
        )
        return
    rows = [event_document(event, open_to_me) for event, open_to_me in desk.history(case, actor)]
    if form is Format.JSON:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    print_table(
        ["#", "at", "actor", "what", "particulars"],
        [[str(r["seq"]), r["at"][:19] + "Z", r["actor"], r["kind"], short_data(r["data"])] for r in rows],
    )


@app.command()
def clock(case: Case, me: Me, db: Db = DB, agencies: Agencies = None, form: As = Format.TABLE) -> None:
    """Say what is due in a case and when, and how fast it was."""
    from bongsu.respond.due import agenda

    desk, actor = desk_and_actor(db, agencies, me)
    state = desk.state(case, actor)
    narrow(desk, state, actor)
    now = desk.log.now()
    if form is Format.JSON:
        typer.echo(
            json.dumps({"due": due_rows(agenda(state), now), **measure_document(state)}, indent=2, ensure_ascii=False)
        )
        return
    print_agenda(agenda(state), now)
    print_measures(state)


@app.command()
def claims(
    case: Case,
    me: Me,
    into: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the claims go, for `ledger import`.")],
    url: Annotated[str, typer.Option(help="Where the case's record can be asked for: each claim names its source.")],
    incident: Annotated[str, typer.Option(metavar="ID", help="The ledger's incident; the case's own otherwise.")] = "",
    ledger: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Our ledger's folder; the shipped one otherwise.")
    ] = None,
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Write what was frozen and returned as claims that `bongsu ledger import` takes in."""
    from bongsu.ledger.check import check
    from bongsu.ledger.exchange import to_document
    from bongsu.ledger.files import read_ledger
    from bongsu.ledger.records import Publisher
    from bongsu.respond.claims import outcome

    desk, actor = desk_and_actor(db, agencies, me)
    state = desk.state(case, actor)
    narrow(desk, state, actor)
    events = [event for event, open_to_me in desk.history(case, actor) if open_to_me]
    agency = desk.roster.agencies[actor.agency]
    publisher = Publisher(agency.id, agency.name, "government", url, "")
    about = incident or str(state.source.get("incident", ""))
    found = outcome(state, events, read_ledger(ledger), about, publisher, url)
    if problems := check(found.ledger):
        raise RecordError(f"the ledger would not take them: {problems[0].message}", hint=problems[0].hint)
    text = json.dumps(to_document(found.ledger), indent=2, ensure_ascii=False) + "\n"
    try:
        into.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SourceError(f"the claims cannot be written: {error.strerror}", source=str(into)) from None
    for line in found.left_out:
        err.print(f"left out: {line}")
    say(
        form,
        {"case": case, "incident": about, "claims": [c.id for c in found.claims], "left_out": list(found.left_out)},
        f"{len(found.claims)} {plural(len(found.claims), 'claim')} about {about} in {into}. "
        f"Next: bongsu ledger import {into} --into DIR --partner {publisher.id}",
    )


@app.command()
def close(
    case: Case,
    me: Me,
    why: Annotated[str, typer.Option(help="The reason.")] = "",
    db: Db = DB,
    agencies: Agencies = None,
    form: As = Format.TABLE,
) -> None:
    """Close a case."""
    desk, actor = desk_and_actor(db, agencies, me)
    state = desk.close(case, why, actor)
    say(form, case_document(state), f"{case} is closed: {why}")


@app.command()
def board(me: Me, db: Db = DB, agencies: Agencies = None, form: As = Format.TABLE) -> None:
    """Print what waits in all open cases, the most overdue first."""
    from bongsu.respond.due import agenda

    desk, actor = desk_and_actor(db, agencies, me)
    now = desk.log.now()
    rows = []
    for state in desk.cases(actor):
        if state.open:
            narrow(desk, state, actor)
            rows += [{"case": state.id, **row} for row in due_rows(agenda(state), now)]
    rows.sort(key=lambda r: (r["due"], r["case"]))
    if form is Format.JSON:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    print_table(
        ["case", "due", "in", "what", "id", "about", "who"],
        [[r["case"], r["due"][:16] + "Z", r["in"], r["what"], r["id"], r["about"], r["tell"]] for r in rows],
    )
