/// What the scanners do with the columns.
extension DecodedWriteRequest {
    /// Bytes that no body reaches, nor the label bytes put together from symbols: with the side buffer, which may hold
    /// all of these twice, offsets stay below 2³².
    static let maximumBodySize = 1 << 30

    /// A start that says something: 0, which is unknown, where it is after its sample or before 1970.
    @inline(__always)
    static func start(_ start: Int64, at timestamp: Int64) -> Int64 {
        start > 0 && start <= timestamp ? start : 0
    }

    /// Notes the start of the sample that comes next.
    @inline(__always)
    mutating func appendStart(_ start: Int64) {
        guard startTimestamps.isEmpty else {
            // Each series pads the column behind its samples, and each sample adds to it.
            startTimestamps.append(start)
            return
        }
        guard start != 0 else { return }
        padStarts()
        startTimestamps.append(start)
    }

    /// Gives the samples from `first` on, and histograms likewise, the start of their series where they have none.
    ///
    /// - Parameter created: Milliseconds; 0 is unknown.
    mutating func fillStarts(
        _ created: Int64,
        from first: Int,
        histogramsFrom firstHistogram: Int
    ) {
        guard created > 0 else { return }
        for sample in first..<timestamps.count {
            let start = Self.start(created, at: timestamps[sample])
            guard start != 0 else { continue }
            padStarts()
            if startTimestamps[sample] == 0 { startTimestamps[sample] = start }
        }
        guard firstHistogram < histogramMessages.count else { return }
        while histogramStarts.count < firstHistogram { histogramStarts.append(0) }
        while histogramStarts.count < histogramMessages.count { histogramStarts.append(created) }
    }

    /// Brings the column of starts to the length of the others.
    @inline(never)
    mutating func padStarts() {
        while startTimestamps.count < timestamps.count { startTimestamps.append(0) }
    }

    /// Sorts the samples from `first` on by time; equal times keep their order.
    mutating func sortSamples(from first: Int) {
        let order = (first..<timestamps.count).sorted { left, right in
            let (earlier, later) = (timestamps[left], timestamps[right])
            return earlier != later ? earlier < later : left < right
        }
        let times = order.map { timestamps[$0] }
        let numbers = order.map { values[$0] }
        timestamps.replaceSubrange(first..., with: times)
        values.replaceSubrange(first..., with: numbers)
        guard !startTimestamps.isEmpty else { return }
        let starts = order.map { startTimestamps[$0] }
        startTimestamps.replaceSubrange(first..., with: starts)
    }
}
