internal import CoreMetrics

/// What a ``BlockFileCache`` counts; `MetricDescriptions` says what each means.
struct BlockFileMetrics: Sendable {
    let hits = Counter(label: "engram_querier_cache_hits_total", dimensions: Self.cache)
    let misses = Counter(label: "engram_querier_cache_misses_total", dimensions: Self.cache)
    /// Files that left to make room.
    let evictions = Counter(label: "engram_querier_cache_evictions_total", dimensions: Self.cache)
    let size = Gauge(label: "engram_querier_cache_size_bytes", dimensions: Self.cache)
    /// Records whose bytes are not those that were written.
    let damaged = Self.error("damaged")
    /// Writes that failed because the disk is full.
    let full = Self.error("full")
    /// Writes that failed for another reason.
    let unwritable = Self.error("write")
    /// Reads that were not kept, because too much waited or a write failed shortly before.
    let skipped = Self.error("skipped")

    private static let cache = [("cache", "disk")]

    private static func error(_ reason: String) -> Counter {
        Counter(
            label: "engram_querier_cache_errors_total",
            dimensions: cache + [("reason", reason)]
        )
    }
}
