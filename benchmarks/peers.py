"""The same small work in other engines; run by their own interpreter, not by the project's.

    python peers.py flat ENGINE FILES MEMORY_LIMIT
    python peers.py lines ENGINE FILE

Prints one JSON object with the sums of its result, so that who calls sees that the work was done.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Z = 1.959963984540054


def flat_duckdb(files: str, limit: str) -> list[Any]:
    """Count by run, target, technique and month, with Wilson's bounds."""
    import duckdb

    database = duckdb.connect()
    database.execute(f"set memory_limit = '{limit}'")
    database.execute(
        f"""
        create table rates as
        with counted as (
            select
                run_id, target_name, technique_id, date_trunc('month', attempted_at) as month,
                count(*) as attempts,
                count(*) filter (outcome = 'success') as k,
                count(*) filter (outcome in ('success', 'resisted'))::double as n
            from read_parquet('{files}')
            group by all
        )

        select
            *,
            (k / n + {Z * Z} / (2 * n)
                - {Z} * sqrt(k / n * (1 - k / n) / n + {Z * Z} / (4 * n * n)))
            / (1 + {Z * Z} / n) as low,
            (k / n + {Z * Z} / (2 * n)
                + {Z} * sqrt(k / n * (1 - k / n) / n + {Z * Z} / (4 * n * n)))
            / (1 + {Z * Z} / n) as high
        from counted
        """
    )
    return list(
        database.execute(
            "select count(*), sum(attempts)::bigint, sum(k)::bigint, sum(high - low) from rates"
        ).fetchall()[0]
    )


def flat_chdb(files: str, limit: str) -> list[Any]:
    """Do the same in ClickHouse's engine."""
    import chdb

    told = chdb.query(
        f"""
        select count(), sum(attempts), sum(k), sum(high - low) from (
            select
                count() as attempts, countIf(outcome = 'success') as k,
                countIf(outcome in ('success', 'resisted')) as n,
                (k / n + {Z * Z} / (2 * n)
                    - {Z} * sqrt(k / n * (1 - k / n) / n + {Z * Z} / (4 * n * n)))
                / (1 + {Z * Z} / n) as low,
                (k / n + {Z * Z} / (2 * n)
                    + {Z} * sqrt(k / n * (1 - k / n) / n + {Z * Z} / (4 * n * n)))
                / (1 + {Z * Z} / n) as high
            from file('{files}', Parquet)
            group by run_id, target_name, technique_id, toStartOfMonth(attempted_at)
        )
        """,
        "CSV",
    )
    return [float(value) for value in str(told).strip().split(",")]


def flat_polars(files: str, limit: str) -> list[Any]:
    """Do the same in polars, streaming."""
    import polars as pl

    k, n = pl.col("k"), pl.col("n").cast(pl.Float64)
    p = k / n
    root = Z * (p * (1 - p) / n + Z * Z / (4 * n * n)).sqrt()
    found = (
        pl.scan_parquet(files)
        .group_by(
            "run_id", "target_name", "technique_id", pl.col("attempted_at").dt.truncate("1mo")
        )
        .agg(
            attempts=pl.len(),
            k=(pl.col("outcome") == "success").sum(),
            n=pl.col("outcome").is_in(["success", "resisted"]).sum(),
        )
        .with_columns(
            low=(p + Z * Z / (2 * n) - root) / (1 + Z * Z / n),
            high=(p + Z * Z / (2 * n) + root) / (1 + Z * Z / n),
        )
        .collect(engine="streaming")
    )
    sums = found.select(
        pl.len(), pl.col("attempts").sum(), k.sum(), (pl.col("high") - pl.col("low")).sum()
    )
    return list(sums.row(0))


def flat_pandas(files: str, limit: str) -> list[Any]:
    """Do the same in pandas, file by file."""
    import pandas as pd

    columns = ["run_id", "target_name", "technique_id", "attempted_at", "outcome"]
    parts = []
    for file in sorted(Path(files).parent.glob(Path(files).name)):
        frame = pd.read_parquet(file, columns=columns)
        frame["month"] = frame["attempted_at"].dt.to_period("M")
        frame["k"] = frame["outcome"] == "success"
        frame["n"] = frame["outcome"].isin(["success", "resisted"])
        frame["attempts"] = 1
        keys = ["run_id", "target_name", "technique_id", "month"]
        parts.append(frame.groupby(keys)[["attempts", "k", "n"]].sum())
    sums = pd.concat(parts).groupby(level=[0, 1, 2, 3]).sum()
    p, n = sums["k"] / sums["n"], sums["n"]
    root = Z * (p * (1 - p) / n + Z * Z / (4 * n * n)) ** 0.5
    width = 2 * root / (1 + Z * Z / n)
    return [len(sums), int(sums["attempts"].sum()), int(sums["k"].sum()), float(width.sum())]


def flat_pyspark(files: str, limit: str) -> list[Any]:
    """Do the same in Spark on this machine, its JVM included."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "8")
        .getOrCreate()
    )
    spark.read.parquet(str(Path(files).parent)).createOrReplaceTempView("attempts")
    [row] = spark.sql(
        f"""
        select count(*), sum(attempts), sum(k),
            sum(2 * {Z} * sqrt(k / n * (1 - k / n) / n + {Z * Z} / (4 * n * n)) / (1 + {Z * Z} / n))
        from (
            select count(*) as attempts,
                count(*) filter (where outcome = 'success') as k,
                cast(count(*) filter (where outcome in ('success', 'resisted')) as double) as n
            from attempts
            group by run_id, target_name, technique_id, date_trunc('month', attempted_at)
        )
        """
    ).collect()
    spark.stop()
    gateway: Any = SparkContext._gateway
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()  # only then does its time count as ours
    return list(row)


def lines_json(file: str) -> list[Any]:
    """Count scores and hits by probe and detector, line by line, with the standard library."""
    return _count_lines(file, json.loads)


def lines_orjson(file: str) -> list[Any]:
    """Do the same with orjson."""
    import orjson

    return _count_lines(file, orjson.loads)


def _count_lines(file: str, loads: Any) -> list[Any]:
    counts: dict[tuple[str, str], list[int]] = {}
    with Path(file).open("rb") as stream:
        for line in stream:
            row = loads(line)
            if row["entry_type"] != "attempt" or row["status"] != 2:
                continue
            for detector, scores in row["detector_results"].items():
                count = counts.setdefault((row["probe_classname"], detector), [0, 0])
                count[0] += len(scores)
                count[1] += sum(score >= 0.5 for score in scores)
    return [len(counts), sum(n for n, _ in counts.values()), sum(k for _, k in counts.values())]


def lines_duckdb(file: str) -> list[Any]:
    """Do the same in DuckDB, with declared columns."""
    import duckdb

    return list(
        duckdb.connect()
        .execute(
            f"""
            select count(*), sum(n)::bigint, sum(k)::bigint from (
                select probe_classname, entry.key,
                    sum(len(entry.value)) as n,
                    sum(len(list_filter(entry.value, lambda score: score >= 0.5))) as k
                from (
                    select probe_classname, unnest(map_entries(detector_results)) as entry
                    from read_ndjson('{file}', columns = {{
                        entry_type: 'VARCHAR', status: 'INTEGER', probe_classname: 'VARCHAR',
                        detector_results: 'MAP(VARCHAR, DOUBLE[])'
                    }})
                    where entry_type = 'attempt' and status = 2
                )
                group by all
            )
            """
        )
        .fetchall()[0]
    )


def lines_split(file: str) -> list[Any]:
    """Count lines in DuckDB: its floor, nothing is parsed."""
    import duckdb

    database = duckdb.connect()
    return list(
        database.execute(f"select count(*) from read_ndjson_objects('{file}')").fetchall()[0]
    )


def lines_polars(file: str) -> list[Any]:
    """Do the same in polars; it must be told the detectors beforehand."""
    import polars as pl

    scores = pl.List(pl.Float64)
    schema = {
        "entry_type": pl.String,
        "status": pl.Int64,
        "probe_classname": pl.String,
        "detector_results": pl.Struct({"words.Mentions": scores, "judge.Harm": scores}),
    }
    found = (
        pl.scan_ndjson(file, schema=schema)
        .filter((pl.col("entry_type") == "attempt") & (pl.col("status") == 2))
        .select("probe_classname", pl.col("detector_results").struct.unnest())
        .unpivot(index="probe_classname")
        .group_by("probe_classname", "variable")
        .agg(
            n=pl.col("value").list.len().sum(),
            k=pl.col("value").list.eval(pl.element() >= 0.5).list.sum().sum(),
        )
        .collect(engine="streaming")
    )
    return list(found.select(pl.len(), pl.col("n").sum(), pl.col("k").sum()).row(0))


def lines_chdb(file: str) -> list[Any]:
    """Do the same in ClickHouse's engine."""
    import chdb

    told = chdb.query(
        f"""
        select count(), sum(n), sum(k) from (
            select probe_classname, detector,
                sum(length(scores)) as n,
                sum(arrayCount(score -> score >= 0.5, scores)) as k
            from (
                select probe_classname, entry.1 as detector, entry.2 as scores
                from (
                    select probe_classname,
                        arrayJoin(arrayZip(mapKeys(results), mapValues(results))) as entry
                    from (
                        select probe_classname, detector_results as results
                        from file('{file}', JSONEachRow, 'entry_type String, status Int32,
                            probe_classname String, detector_results Map(String, Array(Float64))')
                        where entry_type = 'attempt' and status = 2
                    )
                )
            )
            group by probe_classname, detector
        )
        settings input_format_skip_unknown_fields = 1
        """,
        "CSV",
    )
    return [int(value) for value in str(told).strip().split(",")]


def lines_pandas(file: str) -> list[Any]:
    """Do the same in pandas, in chunks of lines."""
    import pandas as pd

    counts: dict[tuple[str, str], list[int]] = {}
    with pd.read_json(file, lines=True, chunksize=20_000, convert_dates=False) as chunks:
        for chunk in chunks:
            judged = chunk[(chunk["entry_type"] == "attempt") & (chunk["status"] == 2)]
            for probe, results in zip(
                judged["probe_classname"], judged["detector_results"], strict=True
            ):
                for detector, scores in results.items():
                    count = counts.setdefault((probe, detector), [0, 0])
                    count[0] += len(scores)
                    count[1] += sum(score >= 0.5 for score in scores)
    return [len(counts), sum(n for n, _ in counts.values()), sum(k for _, k in counts.values())]


def main() -> None:
    """Run the engine that the arguments name."""
    work, engine, *arguments = sys.argv[1:]
    print(json.dumps({"result": globals()[f"{work}_{engine}"](*arguments)}, default=float))


if __name__ == "__main__":
    main()
