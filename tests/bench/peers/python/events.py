"""Asks the archive's files for the average of each tenant and day with DuckDB, and says how long each time took.

    python events.py FOLDER TIMES
"""

from __future__ import annotations

import json
import sys
import time

import duckdb

QUERY = """
SELECT tenant, CAST(created_at AS DATE) AS date, count(*) AS events, avg(processing_us) / 1000 AS avg_time
  FROM read_parquet('{folder}/events/*/*/*/*.parquet', hive_partitioning = true)
 WHERE created_at >= TIMESTAMPTZ '2024-01-01 00:00:00+00' AND plan = 'enterprise'
 GROUP BY tenant, date
 ORDER BY date DESC
"""


def main() -> None:
    folder, times = sys.argv[1], int(sys.argv[2])
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    millis, rows = [], []
    for _ in range(times):
        begun = time.perf_counter()
        rows = database.execute(QUERY.format(folder=folder)).fetchall()
        millis.append((time.perf_counter() - begun) * 1000)
    events = sum(row[2] for row in rows)
    print(json.dumps({"answers": len(rows), "events": events, "millis": millis}))


if __name__ == "__main__":
    main()
