"""Open and overdue findings at month ends (P7), and what intervals and percentiles cost (P8)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from benchmarks import models
from benchmarks.costs import PROJECT, say, stage
from benchmarks.results import Goal, Report, table

NAME: Final = "findings"
MODEL: Final = "int_finding_months"
MANY: Final = "1000000"
FEW: Final = "100000"
TURNS: Final = 3

GROUPS: Final = "month_start, system_id, severity"

SPINE: Final = """
select months.month_start, f.system_id, f.severity,
    count(*) as open_findings,
    count(case when f.due_at < months.judged_at then 1 end) as overdue
from intermediate.int_months as months
cross join findings as f
where f.reported_at < months.judged_at and (f.fixed_at is null or f.fixed_at >= months.judged_at)
group by all
"""
"""The naive way: every finding beside every month."""

EVENTS: Final = """
with changes as (
    select reported_at as moment, system_id, severity, 1 as opened, 0 as late from findings
    union all
    select fixed_at, system_id, severity, -1, 0 from findings where fixed_at is not null
    union all
    select due_at, system_id, severity, 0, 1
    from findings where due_at < fixed_at or fixed_at is null
    union all
    select fixed_at, system_id, severity, 0, -1 from findings where due_at < fixed_at
),

placed as (
    select
        greatest(m.first_judged, date_trunc('month', c.moment) + interval '1 month') as judged_at,
        c.system_id, c.severity, sum(c.opened) as opened, sum(c.late) as late
    from changes as c
    cross join (select min(judged_at) as first_judged from intermediate.int_months) as m
    group by all
),

grid as (
    select months.month_start, months.judged_at, cells.system_id, cells.severity
    from intermediate.int_months as months
    cross join (select distinct system_id, severity from findings) as cells
),

states as (
    select grid.month_start, grid.system_id, grid.severity,
        sum(coalesce(placed.opened, 0)) over before as open_findings,
        sum(coalesce(placed.late, 0)) over before as overdue
    from grid
    left join placed using (judged_at, system_id, severity)
    window before as (
        partition by grid.system_id, grid.severity order by grid.judged_at
    )
)

select * from states where open_findings > 0
"""
"""Each finding as two to four events, summed up to each month: fit for a trend, not for rows."""


def prepare(folder: Path) -> Path:
    """Compile the project's model; return the folder of its state."""
    state = folder / "state"
    (state / "landing").mkdir(parents=True)
    (state / "landing" / "as_of").write_text("2026-11-22\n", encoding="ascii")
    models.aism(state, "land")
    models.dbt(state, "compile", "--select", MODEL)
    return state


def month_ends(folder: str, findings: str, months: str) -> dict[str, Any]:
    """Return processor seconds of each way and rows of the model; all give the same counts."""
    import duckdb

    home = Path(folder) / "home"
    [node] = [n for n in models.upstream(models.manifest(home), [MODEL]) if n["name"] == MODEL]
    model = models.compiled(home, node)
    ways = {
        "model": f"""
            select {GROUPS}, count(*) as open_findings,
                count(case when due_at < judged_at then 1 end) as overdue
            from ({model}) where confirmed_fix_at is null and verdict <> 'false_positive'
            group by all
        """,
        "spine": SPINE,
        "events": EVENTS,
    }
    with duckdb.connect() as database:
        database.execute("attach ':memory:' as build")
        database.execute("use build")
        _make_findings(database, int(findings), int(months))
        seconds: dict[str, float] = {}
        sums: dict[str, Any] = {}
        for way, sql in ways.items():
            taken = []
            for _ in range(TURNS if way != "spine" or int(months) <= 60 else 1):
                begun = time.process_time()
                database.execute(f"create or replace temp table found as {sql}")
                taken.append(time.process_time() - begun)
            seconds[way] = min(taken)
            sums[way] = database.execute(
                "select count(*), sum(open_findings)::bigint, sum(overdue)::bigint from found"
            ).fetchall()
        if len({str(found) for found in sums.values()}) > 1:
            raise SystemExit(f"not the same counts: {sums}")
        [(rows,)] = database.execute(
            f"select count(*) from ({model}) where confirmed_fix_at is null"
        ).fetchall()
    return {"seconds": seconds, "rows": rows}


def _make_findings(database: Any, findings: int, months: int) -> None:
    """Make the tables that the model reads: reports over 20 years, 5 % never fixed."""
    database.execute("create schema intermediate")
    database.execute("create schema core")
    database.execute(
        f"""
        create table findings as
        select
            'F-' || i as finding_id,
            'system-' || (i % 40) as system_id,
            ['critical', 'high', 'medium', 'low'][1 + i // 40 % 4] as severity,
            moment as reported_at,
            moment + to_hours(24 * (7 + (hash(i * 7) % 60)::int)) as due_at,
            case when hash(i * 3) % 20 > 0 then moment + to_hours((hash(i * 5) % 4000)::int + 1) end
                as fixed_at
        from (
            select i, timestamp '2006-12-01' + to_seconds((hash(i) % 631152000)::bigint) as moment
            from range({findings}) as numbers(i)
        )
        """
    )
    database.execute(
        """
        create table core.fct_findings as
        select *, 'scanner' as detection_source, 'injection' as vulnerability_class,
            'AML.T0051.000' as technique_id, 'garak' as tool, false as is_excluded
        from findings
        """
    )
    database.execute(
        """
        create table intermediate.int_finding_states as
        select finding_id, reported_at as valid_from,
            coalesce(fixed_at, timestamp '9999-12-31') as valid_to,
            'accepted' as verdict, cast(null as timestamp) as confirmed_fix_at
        from findings
        union all
        select finding_id, fixed_at, timestamp '9999-12-31', 'accepted', fixed_at
        from findings where fixed_at is not null
        """
    )
    database.execute(
        f"""
        create table intermediate.int_months as
        select moment::date as month_start, moment + interval '1 month' as judged_at,
            (moment + interval '1 month' - interval '1 day')::date as observed_on
        from (
            select timestamp '2026-12-01' - to_months(n) as moment
            from range(1, {months} + 1) as numbers(n)
        )
        """
    )


def statistics_cost(rows: str) -> dict[str, Any]:
    """Return processor seconds of counts with and without Wilson, of means with percentiles.

    From findings to figures by month, system and severity, as the metrics take them.
    """
    import duckdb

    keys = "date_trunc('month', fixed_at) as month, system_id, severity"
    days = "epoch(fixed_at - reported_at) / 86400"
    counts = f"select {keys}, avg(hit) as p, count(*)::double as n from fixed group by all"
    mean = f"{_macro('exact_mean', days)} as mean"
    ways = {
        "counts": counts,
        "wilson": f"""
            select *, {_macro("wilson_bound", "p", "n", "-")} as low,
                {_macro("wilson_bound", "p", "n", "+")} as high
            from ({counts})
        """,
        "mean": f"select {keys}, {mean} from fixed group by all",
        "percentiles": f"""
            select {keys}, {mean},
                percentile_cont(0.5) within group (order by {days}) as median,
                percentile_cont(0.9) within group (order by {days}) as p90
            from fixed group by all
        """,
    }
    with duckdb.connect() as database:
        database.execute(
            f"""
            create table fixed as
            select i % 40 as system_id, i // 40 % 4 as severity,
                (hash(i) % 100 < 12)::int as hit,
                timestamp '2021-01-01' + to_minutes((hash(i * 5) % 2629800)::int) as reported_at,
                reported_at + to_seconds((hash(i * 3) % 12342857)::int) as fixed_at
            from range({rows}) as numbers(i)
            """
        )
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(4 * TURNS):
            for way, sql in ways.items():
                begun = time.process_time()
                database.execute(f"create or replace temp table found as {sql}")
                seconds[way].append(time.process_time() - begun)
    return {"seconds": {way: min(taken) for way, taken in seconds.items()}}


def _macro(name: str, *arguments: str) -> str:
    """Return the SQL of one of the project's macros for statistics."""
    from jinja2 import Environment

    folder = PROJECT / "macros" / "statistics"
    macros = "".join(
        (folder / f"{file}.sql").read_text("utf-8") for file in ("exact_sums", "wilson")
    )
    environment = Environment(autoescape=False)
    environment.globals["type_double"] = lambda: "double"
    call = "{{ " + name + str(arguments).replace(",)", ")") + " }}"
    return environment.from_string(macros + call).render()


def measure_all(folder: Path) -> Report:
    """Measure 12, 60 and 240 months at a million findings, 60 at a tenth; then the statistics."""
    state = str(prepare(folder))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for findings, months in ((FEW, "60"), (MANY, "12"), (MANY, "60"), (MANY, "240")):
        say(f"{findings} findings, {months} months")
        found[findings, months] = stage(month_ends, state, findings, months).said
    report = Report()
    titles = {
        "model": "**`int_finding_months` and its counts**, a row for each month and open finding",
        "events": "events +1 and -1, running sum: counts only",
        "spine": "every finding beside every month",
    }
    report.tables.append(
        table(
            ["in process, CPU s"]
            + [f"{int(findings):,} findings, {months} months" for findings, months in found],
            [
                [title, *(round(told["seconds"][way], 3) for told in found.values())]
                for way, title in titles.items()
            ]
            + [["rows of open findings behind the counts"]
               + [f"{told['rows']:,}" for told in found.values()]],
        )
    )  # fmt: skip
    cost = stage(statistics_cost, "5000000").said["seconds"]
    report.tables.append(
        table(
            ["5,000,000 fixed findings in 9,600 groups", "CPU s", "over the first"],
            [
                ["counts", cost["counts"], 1.0],
                ["counts and Wilson's bounds", cost["wilson"], cost["wilson"] / cost["counts"]],
                ["means", cost["mean"], 1.0],
                ["means, exact median and 90th percentile", cost["percentiles"],
                 cost["percentiles"] / cost["mean"]],
            ],
        )
    )  # fmt: skip

    def seconds(findings: str, months: str, way: str) -> float:
        return float(found[findings, months]["seconds"][way])

    rows_grow = found[MANY, "240"]["rows"] / found[MANY, "12"]["rows"]
    report.goals = [
        Goal("P7", "open and overdue findings, 240 months over 12, a million findings",
             seconds(MANY, "240", "model") / seconds(MANY, "12", "model"), 2,
             why=f"every number opens, so each month has a row for each open finding: "
                 f"{rows_grow:.0f} times as many here"),
        Goal("P7a", "the same counts by events and a running sum",
             seconds(MANY, "240", "events") / seconds(MANY, "12", "events"), 2,
             why="for a count that need not open into rows"),
        Goal("P7b", "over every finding beside every month, 60 months",
             seconds(MANY, "60", "model") / seconds(MANY, "60", "spine"), 0.15,
             why="the engine runs both as one join over a range, and the rows are the same"),
        Goal("P7c", "a million findings over 100,000",
             seconds(MANY, "60", "model") / seconds(FEW, "60", "model"), 5,
             why="CPU, so that more processors hide nothing; linear is 10"),
        Goal("P8", "counts with Wilson's bounds over counts", cost["wilson"] / cost["counts"], 1.1),
        Goal("P8b", "means with exact percentiles over means",
             cost["percentiles"] / cost["mean"], 2.5,
             why="from findings to figures, the percentiles exact"),
    ]  # fmt: skip
    return report
