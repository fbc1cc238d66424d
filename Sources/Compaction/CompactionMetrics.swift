internal import CoreMetrics

/// What a compactor counts.
final class CompactionMetrics: Sendable {
    let succeeded = Counter(
        label: "engram_compactor_jobs_total",
        dimensions: [("status", "success")]
    )
    let failed = Counter(
        label: "engram_compactor_jobs_total",
        dimensions: [("status", "error")]
    )
    let blocksIn = Counter(label: "engram_compactor_blocks_merged_total")
    let blocksOut = Counter(label: "engram_compactor_blocks_written_total")
    let bytesIn = Counter(label: "engram_compactor_read_bytes_total")
    let bytesOut = Counter(label: "engram_compactor_written_bytes_total")
    let expired = Counter(label: "engram_compactor_blocks_expired_total")
    let samplesDeleted = Counter(label: "engram_compactor_samples_deleted_total")
    let removed = Counter(label: "engram_compactor_blocks_removed_total")
    let removedBytes = Counter(label: "engram_compactor_removed_bytes_total")
    /// Of the merge that told last, from 0 to 1.
    let progress = Gauge(label: "engram_compactor_job_progress_ratio")
    let queue = Gauge(label: "engram_compactor_queue_days")
    let lastSuccess = Gauge(label: "engram_compactor_last_success_timestamp_seconds")
    private let duration = Timer(label: "engram_compactor_job_duration_seconds")

    func count(_ report: CompactionReport) {
        succeeded.increment()
        blocksIn.increment(by: report.blocksIn)
        blocksOut.increment(by: report.blocksOut)
        bytesIn.increment(by: report.bytesIn)
        bytesOut.increment(by: report.bytesOut)
        let (seconds, attoseconds) = report.duration.components
        duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
