internal import CoreMetrics
internal import MetricsModel
internal import Synchronization

/// What an ingester counts.
final class IngestionMetrics: Sendable {
    /// Samples that are new and went into memory and log.
    let samplesAppended = Counter(label: "engram_ingester_samples_appended_total")
    /// Samples that were there already with the same value.
    let samplesDuplicate = Counter(label: "engram_ingester_samples_duplicate_total")
    /// Exemplars that are new and went into memory and log.
    let exemplarsAppended = Counter(label: "engram_ingester_exemplars_appended_total")
    /// Exemplars that left memory before a block held them: for newer ones, or because their series had no samples.
    let exemplarsLost = Counter(label: "engram_ingester_exemplars_lost_total")
    /// Metadata entries of more metrics than a tenant may have, and of metrics that have as many as they may.
    let metadataOfNewMetrics = IngestionMetrics.metadataRefused("per_user_metadata_limit")
    let metadataOfFullMetrics = IngestionMetrics.metadataRefused("per_metric_metadata_limit")
    /// Blocks that were stored, and those that turned out to be stored already.
    let blocksFlushed = Counter(label: "engram_ingester_blocks_flushed_total")
    let seriesFoundStored = Counter(label: "engram_ingester_series_found_stored_total")
    /// Flushes that failed and will be tried again.
    let flushFailures = Counter(label: "engram_ingester_flush_failures_total")
    private let flushDuration = Timer(label: "engram_ingester_flush_duration_seconds")
    let replayDuration = Gauge(label: "engram_ingester_wal_replay_duration_seconds")
    /// Records of the log that were damaged and left out at the last start.
    let recordsDamaged = Gauge(label: "engram_ingester_wal_damaged_records")
    /// Places where the disk could not be read at the last start.
    let recordsUnreadable = Gauge(label: "engram_ingester_wal_unreadable_blocks")
    /// Segments that were missing between others at the last start.
    let segmentsMissing = Gauge(label: "engram_ingester_wal_missing_segments")
    /// Bytes that all heads take, about.
    let memory = Gauge(label: "engram_ingester_memory_bytes")
    /// Flushes of windows before their end, because memory was short.
    let earlyFlushes = Counter(label: "engram_ingester_early_flushes_total")
    let tenants = Gauge(label: "engram_ingester_tenants")

    private let series = Mutex<[TenantID: Gauge]>([:])

    /// `engram_ingester_metadata_refused_total{reason}`; series are taken whatever becomes of metadata.
    private static func metadataRefused(_ reason: String) -> Counter {
        Counter(
            label: "engram_ingester_metadata_refused_total",
            dimensions: [("reason", reason)]
        )
    }

    /// Counts one flush of all tenants that stored something.
    func countFlush(lasting duration: Duration) {
        let (seconds, attoseconds) = duration.components
        flushDuration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// Series in memory, by tenant.
    func setSeries(_ count: Int, of tenant: TenantID) {
        series.withLock { gauges in
            if let gauge = gauges[tenant] {
                gauge.record(count)
            } else {
                let gauge = Gauge(
                    label: "engram_ingester_series",
                    dimensions: [("tenant", tenant.name)]
                )
                gauge.record(count)
                gauges[tenant] = gauge
            }
        }
    }

    /// Takes the series of a tenant out of the metrics that has none any more.
    func forgetSeries(of tenant: TenantID) {
        series.withLock { $0.removeValue(forKey: tenant)?.destroy() }
    }
}
