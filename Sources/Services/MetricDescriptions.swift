internal import ServiceSupport

/// The help texts of `/metrics`.
enum MetricDescriptions {
    static let all: [String: MetricDescription] = texts.mapValues { MetricDescription(help: $0) }

    private static let texts = [
        "engram_distributor_samples_received_total":
            "Samples in requests that were understood, before any is refused.",
        "engram_distributor_samples_discarded_total": "Samples refused for good, by reason.",
        "engram_distributor_exemplars_discarded_total": "Exemplars that were met and dropped.",
        "engram_distributor_requests_total": "Write requests, by what became of them.",
        "engram_distributor_replica_writes_total": "Batches sent to one ingester each.",
        "engram_distributor_resent_series_total": "Series that an ingester asked the labels of.",
        "engram_distributor_in_flight_bytes": "Bytes of write requests that are being worked on.",
        "engram_ingester_series": "Series in memory.",
        "engram_ingester_tenants": "Tenants with series in memory.",
        "engram_ingester_samples_appended_total": "Samples that went into memory and log.",
        "engram_ingester_samples_duplicate_total":
            "Samples that were there already with the same value.",
        "engram_ingester_blocks_flushed_total": "Blocks handed to the store.",
        "engram_ingester_flush_failures_total":
            "Flushes of a tenant that failed and are tried again.",
        "engram_ingester_flush_duration_seconds": "Time that one flush of all tenants took.",
        "engram_ingester_wal_replay_duration_seconds": "Time that reading the log took at start.",
        "engram_ingester_wal_damaged_records":
            "Damaged records of the log that were left out at start.",
        "engram_querier_queries_total": "Requests to the query API, by kind and outcome.",
        "engram_querier_query_duration_seconds": "Time that requests to the query API took.",
        "engram_querier_cache_hits_total":
            "Parts of blocks that a cache had, by cache.",
        "engram_querier_cache_misses_total":
            "Parts of blocks that a cache was asked for and did not have, by cache.",
        "engram_querier_cache_evictions_total":
            "What left a cache to make room, by cache: parts of blocks; of the disk, whole files.",
        "engram_querier_cache_size_bytes": "Bytes that a cache holds, by cache.",
        "engram_querier_cache_errors_total":
            "What went wrong with the cache on disk, by reason; queries read the store instead.",
        "engram_ring_members": "Ingesters on the ring, by state.",
    ]
}
