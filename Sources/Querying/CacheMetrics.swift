internal import CoreMetrics

/// What one of a querier's caches counts.
struct CacheMetrics: Sendable {
    let hits: Counter
    let misses: Counter
    /// Values that left to make room.
    let evictions: Counter
    /// Bytes held.
    let size: Gauge

    /// - Parameter cache: The value of the label `cache`.
    init(cache: String) {
        let label = [("cache", cache)]
        hits = Counter(label: "engram_querier_cache_hits_total", dimensions: label)
        misses = Counter(label: "engram_querier_cache_misses_total", dimensions: label)
        evictions = Counter(label: "engram_querier_cache_evictions_total", dimensions: label)
        size = Gauge(label: "engram_querier_cache_size_bytes", dimensions: label)
    }
}
