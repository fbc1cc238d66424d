public import MetricsModel

/// Samples of one tenant on their way to one ingester, by columns.
///
/// Row i is one series: `fingerprints[i]`, its key `keys[keyEnds[i - 1]..<keyEnds[i]]` and its samples
/// `sampleEnds[i - 1]..<sampleEnds[i]` of `timestamps` and `values`, by ascending time. An empty key says
/// that this sender has introduced the series to this ingester before.
public struct WriteBatch: Sendable, Equatable {
    public var tenant: TenantID
    public var fingerprints: [Fingerprint] = []
    public var keyEnds: [UInt32] = []
    public var keys: [UInt8] = []
    public var sampleEnds: [UInt32] = []
    public var timestamps: [Int64] = []
    public var values: [Double] = []

    public init(tenant: TenantID) { self.tenant = tenant }

    public var rowCount: Int { fingerprints.count }

    public var sampleCount: Int { timestamps.count }

    public func keyRange(ofRow row: Int) -> Range<Int> {
        (row == 0 ? 0 : Int(keyEnds[row - 1]))..<Int(keyEnds[row])
    }

    public func sampleRange(ofRow row: Int) -> Range<Int> {
        (row == 0 ? 0 : Int(sampleEnds[row - 1]))..<Int(sampleEnds[row])
    }

    /// Whether the columns fit each other; a receiver checks it before anything else.
    public var isConsistent: Bool {
        keyEnds.count == rowCount && sampleEnds.count == rowCount && values.count == sampleCount
            && Self.isAscending(keyEnds, upTo: keys.count)
            && Self.isAscending(sampleEnds, upTo: sampleCount)
    }

    private static func isAscending(_ ends: [UInt32], upTo last: Int) -> Bool {
        var previous: UInt32 = 0
        for end in ends {
            guard end >= previous else { return false }
            previous = end
        }
        return Int(previous) == last
    }
}

/// An ingester's answer: everything not named here is on stable storage (or, with a weaker `ingester.walSync`,
/// as safe as the operator chose).
public struct WriteAnswer: Sendable, Equatable {
    /// Rows of unknown series that came without a key, to be sent again with keys; nothing of them is
    /// stored.
    public var unknownRows: [UInt32]
    /// Samples that were refused for good.
    public var refusals: [Refusal]

    public init(unknownRows: [UInt32] = [], refusals: [Refusal] = []) {
        self.unknownRows = unknownRows
        self.refusals = refusals
    }

    /// One refused sample.
    public struct Refusal: Sendable, Equatable {
        public var row: UInt32
        /// Index into the batch's sample columns.
        public var sample: UInt32
        public var reason: RefusalReason

        public init(row: UInt32, sample: UInt32, reason: RefusalReason) {
            self.row = row
            self.sample = sample
            self.reason = reason
        }
    }
}

/// Why an ingester refuses a sample for good; raw values are the `reason` label of discarded samples.
public enum RefusalReason: String, Sendable, CaseIterable {
    /// Older than the series' newest sample, and no late samples are taken.
    case outOfOrder = "sample-out-of-order"
    /// Older than the series' newest sample and than the window for late samples.
    case tooOld = "sample-too-old"
    /// Another value is stored for this timestamp.
    case newValueForTimestamp = "new-value-for-timestamp"
    /// The row's key is not a canonical series key, or is not the key of its fingerprint.
    case invalidSeriesKey = "invalid-series-key"

    /// The byte of the reason in RPC messages.
    public var code: UInt8 {
        switch self {
        case .outOfOrder: 1
        case .tooOld: 2
        case .newValueForTimestamp: 3
        case .invalidSeriesKey: 4
        }
    }
}
