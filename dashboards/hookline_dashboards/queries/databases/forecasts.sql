-- When will what be used up? Of forecasts of the last four hours: older ones are about what was, and the API tells none then.
SELECT
    database AS place,
    trimRight(concat(what, ' ', arrayStringConcat(arrayMap(label -> label.2, JSONExtractKeysAndValues(labels, 'String')), ' '))) AS name,
    multiIf(
        unit = 'By', formatReadableDecimalSize(value), unit = '%', concat(toString(round(value, 1)), ' %'), formatReadableQuantity(value)
    ) AS now,
    multiIf(
        limit_value = 0, '0',
        unit = 'By', formatReadableDecimalSize(limit_value),
        unit = '%', concat(toString(round(limit_value, 1)), ' %'),
        formatReadableQuantity(limit_value)
    ) AS `used up at`,
    earliest,
    expected,
    latest,
    horizon_s AS `looked ahead`,
    told
FROM db_forecasts
WHERE told >= greatest($__fromTime, $__toTime - INTERVAL 4 HOUR) AND told <= $__toTime
  AND $__conditionalAll(database IN (${database:singlequote}), $database)
ORDER BY isNull(coalesce(expected, earliest)), coalesce(expected, earliest), place, name
LIMIT 100
