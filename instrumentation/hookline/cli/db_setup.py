"""`hookline db setup`: the SQL for an administrator."""

from __future__ import annotations

import click


@click.command("setup")
@click.option("--role", default="hookline", show_default=True, help="Name of the role.")
@click.option("--database", "databases", multiple=True, help="A database that the role may connect to, where PUBLIC may not; can be repeated.")
@click.option("--free-space", is_flag=True, help="Also make pgstattuple, with which free space of tables is measured.")
@click.option("--plans", "authors", multiple=True, metavar="ROLE", help="Also let plans of this role's statements be asked for; can be repeated.")
@click.option("--search-path", default='"$user", public', show_default=True, help="The search path with which those roles write their statements.")
def command(role: str, databases: tuple[str, ...], free_space: bool, authors: tuple[str, ...], search_path: str) -> None:
    """Print the SQL that makes the agent's role: members of pg_monitor read statistics, and no row of a table.

    Run it as a superuser in the database that the agent connects to, then give the role a password or a line in pg_hba.conf.
    """
    from hookline.databases.postgres.plan_setup import plans_sql
    from hookline.databases.postgres.setup_sql import setup_sql

    extensions = ("pg_stat_statements", *(("pgstattuple",) if free_space else ()))
    click.echo("-- For PostgreSQL 13 to 18. Needs shared_preload_libraries = 'pg_stat_statements'; without it, leave out its two lines.")
    click.echo(setup_sql(role, databases, extensions=extensions), nl=False)
    if authors:
        try:
            sql = plans_sql(role, authors, search_path)
        except ValueError as why:
            raise click.UsageError(str(why)) from None
        click.echo("-- Plans: in each database whose statements are to be explained. Then set plans = true in [databases.NAME].")
        click.echo(sql, nl=False)
    click.echo(f"-- Then: \\password {role}")
