"""A Spark cluster of our own: master, worker and Thrift server, each a process of its own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
CORES = 2
SETTINGS = {
    "spark.driver.memory": "1500m",
    "spark.executor.memory": "1g",
    "spark.executor.cores": str(CORES),
    "spark.driver.host": HOST,
    "spark.driver.bindAddress": HOST,
    "spark.ui.enabled": "false",
    # Hundreds of small tables: what makes one long query fast costs more than it saves.
    "spark.sql.shuffle.partitions": str(CORES),
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


def spark_home() -> Path | None:
    """Return the folder of pip's pyspark where it, its adapter and Java are installed."""
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None:
        return None
    if importlib.util.find_spec("dbt.adapters.spark") is None or shutil.which("java") is None:
        return None
    return Path(found.origin).parent


class Cluster:
    """A running cluster with an empty catalog."""

    def __init__(self, port: int) -> None:
        self.port = port

    def environment(self, lake: Path) -> dict[str, str]:
        """Return the settings that dbt's target `spark` reads."""
        return {
            "AISM_SPARK_HOST": HOST,
            "AISM_SPARK_PORT": str(self.port),
            "AISM_SPARK_LAKE": str(lake),
            "AISM_SPARK_THREADS": str(CORES),
        }

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """Yield a cursor of a session as a reader has it."""
        from pyhive import hive

        settings = {"set:hiveconf:spark.sql.session.timeZone": "UTC"}
        connection = hive.connect(HOST, self.port, username="reader", configuration=settings)
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


@contextmanager
def running_cluster(home: Path, folder: Path) -> Iterator[Cluster]:
    """Start the three processes in a folder of their own; stop each with all that it started."""
    master, pages, thrift = free_ports(3)
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_CONF_DIR": str(configured(folder)),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_DAEMON_MEMORY": "512m",
        # Not that of the lake: sessions ask for UTC.
        "TZ": "America/New_York",
    }
    spark_class = str(home / "bin" / "spark-class")
    spark_submit = str(home / "bin" / "spark-submit")
    address = f"spark://{HOST}:{master}"
    deploy = "org.apache.spark.deploy"
    with ExitStack() as processes:

        def start(name: str, ready: str, *command: str) -> None:
            log = folder / f"{name}.log"
            processes.enter_context(running(command, ready, environment, folder, log))

        start(
            *("master", "New state: ALIVE", spark_class, f"{deploy}.master.Master"),
            *("--host", HOST, "--port", str(master), "--webui-port", str(pages)),
        )
        start(
            *("worker", "Successfully registered with master"),
            *(spark_class, f"{deploy}.worker.Worker", "--host", HOST, "--webui-port", "0"),
            *("--cores", str(CORES), "--memory", "1g", address),
        )
        start(
            *("thrift", "HiveThriftServer2 started", spark_submit, "--master", address),
            *("--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"),
            *("spark-internal", "--hiveconf", f"hive.server2.thrift.port={thrift}"),
            *("--hiveconf", f"hive.server2.thrift.bind.host={HOST}"),
        )
        yield Cluster(thrift)


def configured(folder: Path) -> Path:
    """Write the configuration: everything that Spark keeps is in the folder."""
    settings = SETTINGS | {
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={folder / 'metastore'};create=true"
        ),
    }
    place = folder / "conf"
    place.mkdir()
    lines = (f"{name} {value}\n" for name, value in settings.items())
    (place / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")
    return place


@contextmanager
def running(
    command: tuple[str, ...], ready: str, environment: Mapping[str, str], folder: Path, log: Path
) -> Iterator[None]:
    """Run a command that stays, once it says that it is ready."""
    is_ready = threading.Event()
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )

    def listen() -> None:
        assert process.stdout is not None
        with log.open("w", encoding="utf-8") as stream:
            for line in process.stdout:
                stream.write(line)
                stream.flush()
                if ready in line:
                    is_ready.set()
        # It ended: whoever waits sees that it did.
        is_ready.set()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        is_ready.wait()
        assert ready in log.read_text("utf-8"), log.read_text("utf-8")
        yield
    finally:
        stop(process)
        listener.join()


def stop(process: subprocess.Popen[str]) -> None:
    """End a process and those it started: they share its group."""
    for chosen in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, chosen)
            process.wait(timeout=30)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]
