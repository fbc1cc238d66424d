internal import MetricsModel

/// Decides which windows are due; windows are half-open and aligned to multiples of the block duration.
struct FlushSchedule {
    var blockDuration: Int64
    var flushDelay: Int64
    /// End of the newest window that was cut; late samples for older windows wait for the next cut.
    private(set) var cutBefore: Int64 = .min

    init(blockDuration: Int64, flushDelay: Int64) {
        self.blockDuration = blockDuration
        self.flushDelay = flushDelay
    }

    /// The end of the newest window that is due, or nil where all due windows were cut before.
    func due(at now: Int64) -> Int64? {
        let end = Self.floor(now - flushDelay, to: blockDuration)
        return end > cutBefore ? end : nil
    }

    mutating func cut(before end: Int64) { cutBefore = max(cutBefore, end) }

    /// A tenant's place in the time that flushes are spread over, 0 ..< spread: the same on every ingester, since
    /// a replica compares what it has with what another stored.
    static func offset(of tenant: TenantID, within spread: Int64) -> Int64 {
        guard spread > 0 else { return 0 }
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        let hash = Fingerprint(seed: TenantSeed(tenant), key: none)
        return Int64(hash.high % UInt64(spread))
    }

    /// The largest multiple of `step` that is not above `time`, for times before 1970 too.
    static func floor(_ time: Int64, to step: Int64) -> Int64 {
        let remainder = time % step
        return time - (remainder < 0 ? remainder + step : remainder)
    }
}
