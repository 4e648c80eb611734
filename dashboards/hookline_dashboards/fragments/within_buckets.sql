arrayCumSum(counts) AS reached,
share -> arrayFirstIndex(each -> each >= share * reached[-1], reached) AS bucket_of,
share -> if(bucket_of(share) > 1, bounds[bucket_of(share) - 1], 0.) AS low_of,
share -> bounds[least(bucket_of(share), length(bounds))] AS high_of,
share -> if(bucket_of(share) > 1, reached[bucket_of(share) - 1], 0) AS before_of,
share -> low_of(share) + (high_of(share) - low_of(share))
    * (share * reached[-1] - before_of(share)) / greatest(reached[bucket_of(share)] - before_of(share), 1) AS within
