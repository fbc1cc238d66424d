public import MetricsModel

/// Samples of one tenant on their way to one ingester, by columns.
///
/// Row i is one series: `fingerprints[i]`, its key `keys[keyEnds[i - 1]..<keyEnds[i]]` and its samples
/// `sampleEnds[i - 1]..<sampleEnds[i]` of `timestamps` and `values`, by ascending time. An empty key says
/// that this sender has introduced the series to this ingester before.
///
/// Where there are histograms, `histogramEnds` says in the same way which are of which row. As a *sample* of the
/// batch, histogram `i` has the number `timestamps.count + i`. Exemplars come likewise, and have the numbers after
/// those of the histograms, and metadata, which belongs to no row, those after the exemplars.
public struct WriteBatch: Sendable, Equatable {
    public var tenant: TenantID
    public var fingerprints: [Fingerprint] = []
    public var keyEnds: [UInt32] = []
    public var keys: [UInt8] = []
    public var sampleEnds: [UInt32] = []
    public var timestamps: [Int64] = []
    public var values: [Double] = []
    /// When counting began, for each float, ms; 0 is unknown.
    ///
    /// Empty where no float has one.
    public var startTimestamps: [Int64] = []
    /// Empty where no row has histograms.
    public var histogramEnds: [UInt32] = []
    public var histograms = HistogramColumns()
    /// Empty where no row has exemplars.
    public var exemplarEnds: [UInt32] = []
    /// Those of one row in the order in which they were sent.
    public var exemplars: [Exemplar] = []
    /// Of metrics whose place on the ring is this ingester, whatever rows come along.
    public var metadata: [MetricMetadata] = []

    public init(tenant: TenantID) { self.tenant = tenant }

    public var rowCount: Int { fingerprints.count }

    /// Floats and histograms.
    public var sampleCount: Int { timestamps.count + histograms.timestamps.count }

    public func keyRange(ofRow row: Int) -> Range<Int> {
        (row == 0 ? 0 : Int(keyEnds[row - 1]))..<Int(keyEnds[row])
    }

    public func sampleRange(ofRow row: Int) -> Range<Int> {
        (row == 0 ? 0 : Int(sampleEnds[row - 1]))..<Int(sampleEnds[row])
    }

    /// Numbers of a row's histograms in the columns of histograms.
    public func histogramRange(ofRow row: Int) -> Range<Int> {
        guard !histogramEnds.isEmpty else { return 0..<0 }
        return (row == 0 ? 0 : Int(histogramEnds[row - 1]))..<Int(histogramEnds[row])
    }

    /// Numbers of a row's exemplars in their column.
    public func exemplarRange(ofRow row: Int) -> Range<Int> {
        guard !exemplarEnds.isEmpty else { return 0..<0 }
        return (row == 0 ? 0 : Int(exemplarEnds[row - 1]))..<Int(exemplarEnds[row])
    }

    /// Whether a row has neither floats nor histograms.
    public func lacksSamples(inRow row: Int) -> Bool {
        sampleRange(ofRow: row).isEmpty && histogramRange(ofRow: row).isEmpty
    }

    /// Whether the columns fit each other; a receiver checks it before anything else.
    public var isConsistent: Bool {
        keyEnds.count == rowCount && sampleEnds.count == rowCount
            && values.count == timestamps.count
            && (startTimestamps.isEmpty || startTimestamps.count == timestamps.count)
            && hasConsistentHistograms && hasConsistentExemplars
            && metadata.allSatisfy(\.isStorable)
            && Self.isAscending(keyEnds, upTo: keys.count)
            && Self.isAscending(sampleEnds, upTo: timestamps.count)
    }

    private var hasConsistentHistograms: Bool {
        guard !histogramEnds.isEmpty else { return histograms == HistogramColumns() }
        let count = histograms.timestamps.count
        return histogramEnds.count == rowCount && histograms.values.count == count
            && (histograms.startTimestamps.isEmpty || histograms.startTimestamps.count == count)
            && Self.isAscending(histogramEnds, upTo: count)
            && histograms.values.allSatisfy(\.isStorable)
    }

    private var hasConsistentExemplars: Bool {
        guard !exemplarEnds.isEmpty else { return exemplars.isEmpty }
        return exemplarEnds.count == rowCount
            && Self.isAscending(exemplarEnds, upTo: exemplars.count)
            && exemplars.allSatisfy(\.isStorable)
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
    /// Samples, exemplars and metadata that were refused for good.
    public var refusals: [Refusal]

    public init(unknownRows: [UInt32] = [], refusals: [Refusal] = []) {
        self.unknownRows = unknownRows
        self.refusals = refusals
    }

    /// One refused sample, exemplar or entry of metadata.
    public struct Refusal: Sendable, Equatable {
        /// ``noRow`` for metadata.
        public var row: UInt32
        /// Number of the sample in the batch; see ``WriteBatch``.
        public var sample: UInt32
        public var reason: RefusalReason

        public static let noRow = UInt32.max

        public init(row: UInt32, sample: UInt32, reason: RefusalReason) {
            self.row = row
            self.sample = sample
            self.reason = reason
        }
    }
}

/// Why an ingester refuses a sample, an exemplar or metadata for good; raw values are the `reason` label of discarded samples.
public enum RefusalReason: String, Sendable, CaseIterable {
    /// Older than the series' newest sample, and no late samples are taken.
    case outOfOrder = "sample-out-of-order"
    /// Older than the series' newest sample and than the window for late samples.
    case tooOld = "sample-too-old"
    /// Another value is stored for this timestamp.
    case newValueForTimestamp = "new-value-for-timestamp"
    /// The row's key is not a canonical series key, or is not the key of its fingerprint.
    case invalidSeriesKey = "invalid-series-key"
    /// Older than the newest exemplar of the series.
    case exemplarOutOfOrder = "exemplar_out_of_order"
    /// Of a time that is stored in blocks already.
    case exemplarTooOld = "exemplar_too_old"
    /// The ingester keeps no exemplars of the tenant.
    case exemplarsDisabled = "exemplars_disabled"
    /// The series is new, and the tenant has as many as it may.
    case perTenantSeriesLimit = "per_user_series_limit"
    /// The series is new, and its metric has as many as it may.
    case perMetricSeriesLimit = "per_metric_series_limit"
    /// The series is new, and as many as may be have the labels of a set that it belongs to.
    case perLabelSetSeriesLimit = "per_labelset_series_limit"
    /// Metadata of a new metric, and the tenant has that of as many as it may.
    case perTenantMetadataLimit = "per_user_metadata_limit"
    /// Different metadata of a metric that has as much as it may.
    case perMetricMetadataLimit = "per_metric_metadata_limit"
    /// For a reason that this process does not know: the ingester is of a later version.
    case other = "refused_by_ingester"

    /// The reason of a byte in RPC messages.
    public init(code: UInt8) { self = Self.allCases.first { $0.code == code } ?? .other }

    /// The byte of the reason in RPC messages.
    public var code: UInt8 {
        switch self {
        case .outOfOrder: 1
        case .tooOld: 2
        case .newValueForTimestamp: 3
        case .invalidSeriesKey: 4
        case .exemplarOutOfOrder: 5
        case .exemplarTooOld: 6
        case .exemplarsDisabled: 7
        case .perTenantSeriesLimit: 8
        case .perMetricSeriesLimit: 9
        case .perLabelSetSeriesLimit: 10
        case .perTenantMetadataLimit: 11
        case .perMetricMetadataLimit: 12
        case .other: 255
        }
    }
}
