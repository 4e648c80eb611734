-- When was worked on what? A lane for each person; a block lasts until the next mark, and an empty one stands for nothing.
WITH
    {{until_something_goes_on}}
SELECT mark.1 AS t, lane, mark.2 AS state
FROM (
    SELECT
        toString(user) AS lane,
        arrayStringConcat(arraySort(groupUniqArrayArray(projects)), ', ') AS on_what,
        [
            (toDateTime(intDiv(min(from_ns), 1000000000), 'UTC'), if(on_what = '', 'no project', on_what)),
            (toDateTime(intDiv(max(to_ns), 1000000000), 'UTC'), '')
        ] AS marks
    FROM (
        {{runs_of_work}}
    )
    GROUP BY user, block
    HAVING max(to_ns) >= toUnixTimestamp($__fromTime) * 1000000000 AND min(from_ns) <= toUnixTimestamp($__toTime) * 1000000000
      AND $__conditionalAll(hasAny(groupUniqArrayArray(projects), [${project:singlequote}]), $project)
      AND $__conditionalAll(
        hasAny(groupUniqArrayArray(sessions), (SELECT groupArray(session_id) FROM sessions WHERE agent IN (${agent:singlequote}))),
        $agent)
)
ARRAY JOIN marks AS mark
ORDER BY t, lane, state
LIMIT 5000
