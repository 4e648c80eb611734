"""A FastAPI shop on PostgreSQL with a fault in it: who reserves with a coupon that has expired leaves a transaction open, and the row it holds.

`faulty_shop.py URL PORT` serves it. One line makes it a watched service.
"""

from __future__ import annotations

import sys
from typing import Any

import psycopg
import uvicorn
from fastapi import FastAPI

import hookline

app = hookline.instrument(FastAPI(), service="shop", metrics_every_s=1, slow_s=0.5)
kept: list[psycopg.Connection[Any]] = []


@app.get("/reserve/{item}")  # type: ignore[untyped-decorator,unused-ignore]
def reserve(item: int, coupon: str = "") -> dict[str, bool]:
    """Reserve one of an item."""
    connection = psycopg.connect(sys.argv[1], application_name="shop")
    connection.execute("UPDATE stock SET reserved = reserved + 1 WHERE item = %s", (item,))
    if coupon == "expired":
        kept.append(connection)  # the fault: neither committed nor rolled back
        return {"reserved": False}
    connection.commit()
    connection.close()
    return {"reserved": True}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
