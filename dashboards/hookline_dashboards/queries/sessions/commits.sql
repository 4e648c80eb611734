-- How many commits did the agents see come, and what did one cost? A commit is a revision that a branch came to while an agent worked on it.
SELECT
    c.place AS place,
    c.commits AS commits,
    c.asked AS asked,
    u.cost AS cost,
    if(c.commits > 0, u.cost / c.commits, NULL) AS `cost a commit`
FROM (
    SELECT place, sum(revisions) AS commits, sum(turns_of) AS asked
    FROM (
        SELECT toString(project) AS place, toString(branch) AS on_branch, greatest(0, uniqIf(revision, revision != '') - 1) AS revisions,
            count() AS turns_of
        {{turns_of_range}}
        GROUP BY place, on_branch
    )
    GROUP BY place
) AS c
LEFT JOIN (
    SELECT toString(of_project) AS place, sum(cost_usd) AS cost
    {{requests_of_range}}
    GROUP BY place
) AS u ON u.place = c.place
ORDER BY commits DESC
LIMIT 50
