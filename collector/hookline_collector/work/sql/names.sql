-- Which users, projects, agents and accounts were ever heard of? (asked only when a question that names one finds nothing)
SELECT 'user' AS kind, groupUniqArray(10000)(name) AS names
FROM (SELECT DISTINCT s.user.4 AS name FROM sessions_state AS s UNION DISTINCT SELECT DISTINCT user AS name FROM activity_state) WHERE name != ''
UNION ALL
SELECT 'project', groupUniqArray(10000)(name)
FROM (
    SELECT DISTINCT s.project.4 AS name FROM sessions_state AS s
    UNION DISTINCT SELECT DISTINCT project AS name FROM activity_state
    UNION DISTINCT SELECT DISTINCT project AS name FROM places_state
    UNION DISTINCT SELECT DISTINCT project AS name FROM usage_state
) WHERE name != ''
UNION ALL
SELECT 'account', groupUniqArray(10000)(name)
FROM (
    SELECT DISTINCT account AS name FROM usage_state
    UNION DISTINCT SELECT DISTINCT account AS name FROM usage_limits_state
    UNION DISTINCT SELECT DISTINCT s.user.4 AS name FROM sessions_state AS s
) WHERE name != ''
UNION ALL
SELECT 'agent', groupUniqArray(10000)(name)
FROM (SELECT DISTINCT s.agent AS name FROM sessions_state AS s UNION DISTINCT SELECT DISTINCT agent AS name FROM usage_state) WHERE name != ''
