internal import MetricsModel

/// For each window, the first log segment that holds samples of it that no cut has taken.
struct WindowSegments {
    /// First segments by start of window.
    private var segments: [Int64: UInt64] = [:]
    /// The window that the last sample was in: most samples are in the same.
    private var cachedStart = Int64.max
    private var cachedEnd = Int64.min

    var oldest: UInt64? { segments.values.min() }

    /// Whether there may be samples before a time that no cut has taken.
    func mayHaveSamples(before end: Int64) -> Bool { segments.keys.contains { $0 < end } }

    /// Whether there may be samples in a range that no cut has taken.
    func mayHaveSamples(in range: TimeRange, _ settings: HeadSettings) -> Bool {
        segments.keys.contains {
            $0 < range.end && settings.windowEnd(ofStart: $0) > range.start
        }
    }

    /// Notes that a segment holds a sample.
    @inline(__always)
    mutating func note(_ timestamp: Int64, segment: UInt64, _ settings: HeadSettings) {
        if timestamp >= cachedStart, timestamp < cachedEnd { return }
        noteUncached(timestamp, segment: segment, settings)
    }

    /// Takes note that a cut has all samples before a time.
    ///
    /// - Returns: the oldest segment that may hold some of them.
    mutating func cut(before end: Int64, _ settings: HeadSettings) -> UInt64? {
        cachedStart = .max
        cachedEnd = .min
        let touched = segments.filter { $0.key < end }
        // A window that reaches over the end may have samples behind it, in the same segment.
        segments = segments.filter { settings.windowEnd(ofStart: $0.key) > end }
        return touched.values.min()
    }

    @inline(never)
    private mutating func noteUncached(
        _ timestamp: Int64,
        segment: UInt64,
        _ settings: HeadSettings
    ) {
        let start = settings.windowStart(of: timestamp)
        segments[start] = min(segments[start] ?? segment, segment)
        cachedStart = start
        cachedEnd = settings.windowEnd(ofStart: start)
    }
}
