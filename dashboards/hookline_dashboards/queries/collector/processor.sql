-- How much of a processor core does the collector use?
WITH
    ['process.cpu.time'] AS of_metrics,
    {{sums_told_from}}
SELECT $__timeInterval(time) AS t, sumOrNull(increase) / $__interval_s AS cores
FROM (
    {{sums_of_range}}
)
WHERE service = 'hookline-collector'
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
