internal import HeadStorage

/// What the references of one segment of an old log stand for in the new head.
struct ReplayedReferences {
    private var segment: UInt64 = 0
    private var series: [UInt32: SeriesReference] = [:]

    /// References hold within one segment only.
    mutating func define(_ reference: UInt32, _ series: SeriesReference?, in segment: UInt64) {
        if segment != self.segment {
            self.segment = segment
            self.series.removeAll()
        }
        self.series[reference] = series
    }

    subscript(reference: UInt32, in segment: UInt64) -> SeriesReference? {
        segment == self.segment ? series[reference] : nil
    }

    /// Frees the memory once the log is read.
    mutating func forget() { series = [:] }
}
