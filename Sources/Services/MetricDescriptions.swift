internal import ServiceSupport

/// The help texts of `/metrics`.
enum MetricDescriptions {
    static let all: [String: MetricDescription] = texts.mapValues { MetricDescription(help: $0) }

    private static let texts = [
        "engram_distributor_samples_received_total":
            "Samples in requests that were understood, before any is refused.",
        "engram_distributor_samples_discarded_total": "Samples refused for good, by reason.",
        "engram_distributor_exemplars_received_total":
            "Exemplars in requests that were understood, before any is refused.",
        "engram_distributor_exemplars_discarded_total":
            "Exemplars refused for good or not kept, by reason.",
        "engram_distributor_metadata_received_total":
            "Metadata entries in requests that were understood, before any is refused.",
        "engram_distributor_metadata_discarded_total":
            "Metadata entries refused for good, by reason.",
        "engram_distributor_requests_total": "Write requests, by what became of them.",
        "engram_distributor_replica_writes_total": "Batches sent to one ingester each.",
        "engram_distributor_resent_series_total": "Series that an ingester asked the labels of.",
        "engram_distributor_in_flight_bytes": "Bytes of write requests that are being worked on.",
        "engram_distributor_in_flight_requests":
            "Write requests that are being received or worked on.",
        "engram_distributor_live_distributors":
            "Distributors that live, among which rates of the whole cluster are shared.",
        "engram_distributor_deduped_samples_total":
            "Samples that were not stored because their replica is not elected, or was not then.",
        "engram_distributor_ha_elections_total":
            "Elections of replicas that this distributor made, by reason.",
        "engram_distributor_ha_store_failures_total":
            "Changes of elections that could not be written because the store did not answer.",
        "engram_distributor_ha_replayed_samples_total":
            "Samples that were kept until their replica was elected, and then stored.",
        "engram_distributor_ha_replay_refused_samples_total":
            "Samples that were kept until their replica was elected, and then refused.",
        "engram_distributor_ha_dropped_requests_total":
            "Requests of replicas that are not elected that were not kept for want of room.",
        "engram_distributor_ha_kept_bytes":
            "Bytes that are kept of requests of replicas that are not elected.",
        "engram_distributor_ha_clusters": "Clusters of senders that this distributor knows.",
        "engram_ingester_series": "Series in memory.",
        "engram_ingester_tenants": "Tenants with series in memory.",
        "engram_ingester_samples_appended_total": "Samples that went into memory and log.",
        "engram_ingester_samples_duplicate_total":
            "Samples that were there already with the same value.",
        "engram_ingester_exemplars_appended_total": "Exemplars that went into memory and log.",
        "engram_ingester_exemplars_lost_total":
            "Exemplars that left memory before a block held them.",
        "engram_ingester_metadata_refused_total":
            "Metadata entries beyond what a tenant or a metric may have, by reason.",
        "engram_ingester_blocks_flushed_total": "Blocks handed to the store.",
        "engram_ingester_series_found_stored_total":
            "Series of windows that a flush found in the store, from a replica or from its own share.",
        "engram_ingester_flush_failures_total":
            "Flushes of a tenant that failed and are tried again.",
        "engram_ingester_flush_duration_seconds": "Time that one flush of all tenants took.",
        "engram_ingester_wal_replay_duration_seconds": "Time that reading the log took at start.",
        "engram_ingester_wal_damaged_records":
            "Damaged records of the log that were left out at start.",
        "engram_ingester_wal_unreadable_blocks":
            "Places where the disk could not be read at start.",
        "engram_ingester_wal_missing_segments":
            "Segments of the log that were missing between others at start.",
        "engram_ingester_wal_records_total": "Records written to the log, one for each batch.",
        "engram_ingester_wal_written_bytes_total": "Bytes written to the log.",
        "engram_ingester_wal_syncs_total":
            "Times that the log was forced to disk; records that wait share one.",
        "engram_ingester_wal_failures_total": "Times that the log could not be written any more.",
        "engram_ingester_wal_failed": "1 while the log cannot be written and writes are refused.",
        "engram_ingester_memory_bytes": "Bytes that recent samples and their series take, about.",
        "engram_ingester_early_flushes_total":
            "Flushes of windows before their end, because memory was short.",
        "engram_querier_queries_total": "Requests to the query API, by kind and outcome.",
        "engram_querier_query_duration_seconds": "Time that requests to the query API took.",
        "engram_overrides_reload_failed":
            "1 while the overrides file has a mistake or cannot be read, and older limits stay in force.",
        "engram_overrides_last_reload_success_timestamp_seconds":
            "When an overrides file without mistake was last read, at a change or at start.",
        "engram_overrides_store_version":
            "Newest version of limits out of the store that is in force.",
        "engram_overrides_store_last_read_timestamp_seconds":
            "When the store last said which tenants' limits have changed.",
        "engram_overrides_store_failures_total":
            "Reads of tenants' limits that the store did not answer.",
        "engram_overrides_store_refused_tenants":
            "Tenants with limits in the store that this version does not understand and leaves out.",
        "engram_compactor_jobs_total": "Merges of blocks, by outcome.",
        "engram_compactor_blocks_merged_total": "Blocks that merges replaced.",
        "engram_compactor_blocks_written_total": "Blocks that merges made.",
        "engram_compactor_read_bytes_total": "Bytes of the blocks that merges replaced.",
        "engram_compactor_written_bytes_total": "Bytes of the blocks that merges made.",
        "engram_compactor_blocks_expired_total": "Blocks whose tenant's retention was over.",
        "engram_compactor_samples_deleted_total":
            "Samples that tenants' deletions took out of blocks.",
        "engram_compactor_blocks_removed_total":
            "Replaced and expired blocks whose bytes were deleted.",
        "engram_compactor_removed_bytes_total": "Bytes of these blocks.",
        "engram_compactor_job_progress_ratio": "How much of the merge that runs is done, 0 to 1.",
        "engram_compactor_queue_days": "Days of tenants that wait to be looked at.",
        "engram_compactor_last_success_timestamp_seconds":
            "When a pass over all tenants last ended without a failure.",
        "engram_compactor_job_duration_seconds": "Time that one merge took.",
        "engram_querier_ingesters_given_up_total":
            "Ingesters whose answers a query did without, because they were slow and not needed.",
        "engram_querier_answers_without_store_total":
            "Selectors that were answered from the memory of ingesters alone, while the store was away.",
        "engram_querier_cache_hits_total":
            "Parts of blocks that a cache had, by cache.",
        "engram_querier_cache_misses_total":
            "Parts of blocks that a cache was asked for and did not have, by cache.",
        "engram_querier_cache_evictions_total":
            "What left a cache to make room, by cache: parts of blocks; of the disk, whole files.",
        "engram_querier_cache_size_bytes": "Bytes that a cache holds, by cache.",
        "engram_querier_cache_errors_total":
            "What went wrong with the cache on disk, by reason; queries read the store instead.",
        "engram_rpc_tls_reload_failures_total":
            "Changes of the TLS files that were refused; the certificate before stays in force.",
        "engram_rpc_tls_certificate_not_after_seconds":
            "When the certificate in force ends, or one between it and the authority, in seconds since 1970.",
        "engram_rpc_tls_handshake_failures_total":
            "Connections that TLS refused, by the side that this process was on.",
        "engram_ring_members": "Ingesters on the ring, by state.",
    ]
}
