-- The exemplars of a data point.
    arrayMap(exemplar -> strings(exemplar.filtered_attributes), point.exemplars) AS `Exemplars.FilteredAttributes`,
    arrayMap(exemplar -> moment(exemplar.time_unix_nano), point.exemplars) AS `Exemplars.TimeUnix`,
    arrayMap(exemplar -> coalesce(exemplar.as_double, toFloat64(exemplar.as_int), 0), point.exemplars) AS `Exemplars.Value`,
    arrayMap(exemplar -> lower(hex(exemplar.span_id)), point.exemplars) AS `Exemplars.SpanId`,
    arrayMap(exemplar -> lower(hex(exemplar.trace_id)), point.exemplars) AS `Exemplars.TraceId`
