-- What every point of a metric has, as the view passes it on.
        resource_strings,
        resource_schema_url,
        scope_name,
        scope_version,
        scope_strings,
        scope_dropped_attributes_count,
        scope_schema_url,
        metric_name,
        metric_description,
        metric_unit
