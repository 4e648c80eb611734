-- As in 0108, with histograms that tell running totals, as OpenTelemetry's SDKs do by default: those of hours that are not worked out yet were left out.
CREATE OR REPLACE VIEW ${database}.metric_values ${on_cluster}
AS ${metric_values_rolled}
UNION ALL
${gauge_values_told}
UNION ALL
${sum_values_told}
UNION ALL
${histogram_values_told};

-- The same of histograms alone.
CREATE OR REPLACE VIEW ${database}.histogram_values ${on_cluster}
AS ${metric_values_rolled}
UNION ALL
${histogram_values_told};
