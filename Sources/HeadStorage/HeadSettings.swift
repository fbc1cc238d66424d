/// How a head lays out its chunks.
public struct HeadSettings: Sendable, Equatable {
    /// Length in milliseconds of the windows that blocks cover; no chunk crosses a multiple of it.
    public var windowDuration: Int64 = 2 * 3600 * 1000
    /// Most samples of a chunk.
    public var samplesPerChunk = 120

    public init() {}

    /// The start of the window that a timestamp is in.
    func windowStart(of timestamp: Int64) -> Int64 {
        let remainder = timestamp % windowDuration
        let below = remainder < 0 ? remainder + windowDuration : remainder
        let (start, overflow) = timestamp.subtractingReportingOverflow(below)
        return overflow ? .min : start
    }

    /// The first timestamp behind a window, or the last there is.
    func windowEnd(ofStart start: Int64) -> Int64 {
        // The lowest window may begin before the lowest timestamp, and ends where the next begins.
        guard start != .min else {
            let remainder = Int64.min % windowDuration
            return remainder == 0 ? .min + windowDuration : .min - remainder
        }
        let (end, overflow) = start.addingReportingOverflow(windowDuration)
        return overflow ? .max : end
    }
}
