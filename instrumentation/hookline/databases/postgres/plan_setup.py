"""The SQL that lets the agent see plans and nothing else: what `hookline db setup --plans ROLE` prints, for an administrator to read and run.

The texts that the agent sees come from anybody who may log in, and planning a statement already runs code: functions that are declared IMMUTABLE are
called with their constants. So a text must not be planned with rights that its author lacks, and no text may bring a second statement.

    agent ── hookline.plan(author, text)            owned by hookline_plans, a role without a login and without any right
                 └─ hookline.plan_as_NUMBER(text)   one for each role that was named, owned by that role

- The inner function belongs to the author, so whatever planning calls runs with the author's own rights. Both are SECURITY DEFINER, and within such
  a function the server lets nobody change roles. An author may alter the function that is his (to SECURITY INVOKER, say): then it runs as
  hookline_plans, which may do nothing, and never as the agent, who may read everybody's statements.
- Only statements that the author ran himself are asked for, not those of functions that he called.
- Neither function takes a text with a semicolon, wherever it stands: there is no second statement without one. Since 16 the text is explained
  through a cursor, which takes only one; before, it is prepared, which takes only SELECT, INSERT, UPDATE, DELETE and VALUES.
- The session is read-only, gives up a lock after a tenth of a second and a plan after one; each question is rolled back, so no setting stays.

Nothing is executed: it is EXPLAIN without ANALYZE. A superuser's statements are never explained.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hookline.databases.postgres.setup_sql import literal, quoted

OWNER: Final = "hookline_plans"
USUAL_PATH: Final = '"$user", public'

_OUTER = """\
DO $setup$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{owner}') THEN CREATE ROLE {owner} NOLOGIN; END IF; END $setup$;
CREATE SCHEMA IF NOT EXISTS hookline;
ALTER SCHEMA hookline OWNER TO CURRENT_USER;
REVOKE ALL ON SCHEMA hookline FROM PUBLIC;
GRANT USAGE ON SCHEMA hookline TO {agent}, {owner};
CREATE OR REPLACE FUNCTION hookline.plan(author oid, query text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $plan$
DECLARE
  helper text;
  found text;
BEGIN
  IF query LIKE '%;%' OR query !~* '^\\s*(/\\*[^*]*\\*/\\s*)*(select|with|values|insert|update|delete|merge)\\M' THEN
    RETURN NULL;
  END IF;
  SELECT p.proname INTO helper FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
  WHERE p.pronamespace = 'hookline'::regnamespace AND p.proname = 'plan_as_' || author AND p.proowner = author AND p.prosecdef AND NOT r.rolsuper;
  IF helper IS NULL THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT hookline.%I($1)', helper) INTO found USING query;
  RETURN found;
END $plan$;
REVOKE ALL ON FUNCTION hookline.plan(oid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hookline.plan(oid, text) TO {agent};
GRANT CREATE ON SCHEMA hookline TO {owner};
ALTER FUNCTION hookline.plan(oid, text) OWNER TO {owner};
REVOKE CREATE ON SCHEMA hookline FROM {owner};
"""

_INNER = """\
DO $setup$
DECLARE
  author oid := (SELECT oid FROM pg_roles WHERE rolname = {author_literal} AND NOT rolsuper);
BEGIN
  IF author IS NULL THEN
    RAISE EXCEPTION '% is no role, or a superuser: plans are made with the rights of the role', {author_literal};
  END IF;
  EXECUTE format($make$
    CREATE OR REPLACE FUNCTION hookline.plan_as_%s(query text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = {path}, pg_temp SET plan_cache_mode = force_generic_plan AS $plan$
    DECLARE
      told refcursor;
      plan text;
      nulls text;
    BEGIN
      IF query LIKE '%%;%%' THEN
        RETURN NULL;
      END IF;
      IF pg_catalog.current_setting('server_version_num')::int4 >= 160000 THEN
        OPEN told FOR EXECUTE 'EXPLAIN (GENERIC_PLAN, FORMAT JSON) ' OPERATOR(pg_catalog.||) query;
      ELSE
        IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statements p WHERE p.name OPERATOR(pg_catalog.=) 'hookline_plan') THEN
          DEALLOCATE hookline_plan;
        END IF;
        EXECUTE 'PREPARE hookline_plan AS ' OPERATOR(pg_catalog.||) query;
        SELECT pg_catalog.string_agg('NULL', ', ') INTO nulls
        FROM pg_catalog.pg_prepared_statements p, pg_catalog.unnest(p.parameter_types) WHERE p.name OPERATOR(pg_catalog.=) 'hookline_plan';
        OPEN told FOR EXECUTE 'EXPLAIN (FORMAT JSON) EXECUTE hookline_plan'
          OPERATOR(pg_catalog.||) coalesce('(' OPERATOR(pg_catalog.||) nulls OPERATOR(pg_catalog.||) ')', '');
      END IF;
      FETCH told INTO plan;
      CLOSE told;
      RETURN plan;
    END $plan$
  $make$, author);
  EXECUTE format('REVOKE ALL ON FUNCTION hookline.plan_as_%s(text) FROM PUBLIC', author);
  EXECUTE format('GRANT EXECUTE ON FUNCTION hookline.plan_as_%s(text) TO {owner}', author);
  GRANT CREATE ON SCHEMA hookline TO {author};
  EXECUTE format('ALTER FUNCTION hookline.plan_as_%s(text) OWNER TO %I', author, {author_literal});
  REVOKE CREATE ON SCHEMA hookline FROM {author};
END $setup$;
"""


def plans_sql(role: str, authors: Sequence[str], path: str = USUAL_PATH) -> str:
    """Return statements that may be run again, in each database whose statements are to be explained, as a superuser.

    `authors` are the roles whose statements are explained, `path` is the search path with which they write them. Raises ValueError for a name that
    cannot stand in a body that is quoted with dollars.
    """
    for name in (role, *authors, path):
        if any(mark in name for mark in ("$setup$", "$make$", "$plan$")):
            raise ValueError(f"{name!r} cannot stand in this SQL")
    names = {"agent": quoted(role), "owner": OWNER, "path": ", ".join(map(_schema, path.split(",")))}
    inner = (_INNER.format(author=quoted(author), author_literal=literal(author), **names) for author in authors)
    return _OUTER.format(**names) + "".join(inner)


def _schema(name: str) -> str:
    """Return a schema's name in a search path, quoted whatever is in it; percent signs as format() takes them."""
    bare = name.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1].replace('""', '"')
    return quoted(bare).replace("%", "%%")
