internal import ClusterInterface
public import MetricsModel
internal import RemoteWrite

/// A request that is decoded and checked, and waits to be sent to the ingesters.
///
/// Rows and samples that are refused are not among the columns any more. Immutable; the last reference gives its
/// memory and its share of the bytes in flight back.
public final class PreparedWrite: Sendable {
    public let tenant: TenantID
    /// What the election of its cluster means for it; the columns are empty unless it is stored.
    let standing: HAStanding
    /// Of which replica of which cluster of senders it is, where it is of one and is stored.
    let claim: HAClaim?
    /// Samples left out because they are from before their replica was elected.
    let supersededCount: Int
    let seed: TenantSeed
    let salt: UInt64
    /// When it was prepared, in milliseconds since the Unix epoch.
    let time: Int64
    /// What the tenant's writes must keep to; for messages.
    let limits: WriteLimits
    /// For each row, its row in the decoded request.
    let sourceRows: [UInt32]
    let fingerprints: [Fingerprint]
    /// For each row, its entry in ``KnownSeries``.
    let masks: [UInt64]
    let sampleEnds: [UInt32]
    let timestamps: [Int64]
    let values: [Double]
    /// When counting began, for each sample, ms; 0 is unknown.
    ///
    /// Empty where no sample has one.
    let startTimestamps: [Int64]
    /// One past each row's last histogram; empty where no row has any.
    let histogramEnds: [UInt32]
    let histograms: HistogramColumns
    /// One past each row's last exemplar; empty where no row has any.
    let exemplarEnds: [UInt32]
    let exemplars: [Exemplar]
    let metadata: [MetricMetadata]
    /// What relabelling means for each row of the decoded request; empty where there is none.
    private let fates: [WritePreparation.RowFate]
    /// What was refused already.
    let refusals: RefusalTally
    let exemplarRefusals: RefusalTally
    let metadataRefusals: RefusalTally
    /// Samples and native histograms received, refused ones included.
    let received: Int
    /// Exemplars received, likewise.
    let exemplarCount: Int
    /// Metadata entries received, likewise.
    let metadataCount: Int
    private let scratch: WriteScratch
    private let pool: WriteScratchPool
    private let reservations: [BytesReservation]

    init(
        _ preparation: WritePreparation,
        standing: HAStanding,
        tenant: TenantID,
        seed: TenantSeed,
        salt: UInt64,
        limits: WriteLimits,
        time: Int64,
        scratch: WriteScratch,
        pool: WriteScratchPool,
        reservations: [BytesReservation]
    ) {
        let columns = preparation.columns
        self.tenant = tenant
        self.standing = standing
        claim = preparation.claim
        supersededCount = preparation.supersededCount
        self.seed = seed
        self.salt = salt
        self.limits = limits
        self.time = time
        sourceRows = columns.sourceRows
        fingerprints = columns.fingerprints
        masks = columns.masks
        sampleEnds = columns.sampleEnds
        timestamps = columns.timestamps
        values = columns.values
        startTimestamps = columns.startTimestamps
        histogramEnds = columns.histogramEnds
        histograms = columns.histograms
        exemplarEnds = columns.exemplarEnds
        exemplars = columns.exemplars
        metadata = columns.metadata
        fates = preparation.fates
        refusals = preparation.refusals
        exemplarRefusals = preparation.exemplarRefusals
        metadataRefusals = preparation.metadataRefusals
        received = scratch.request.timestamps.count + scratch.request.histogramCount
        exemplarCount = scratch.request.exemplarCount
        metadataCount = scratch.request.metadataCount
        self.scratch = scratch
        self.pool = pool
        self.reservations = reservations
    }

    deinit { pool.give(back: scratch) }

    var rowCount: Int { fingerprints.count }

    func sampleRange(ofRow row: Int) -> Range<Int> {
        (row == 0 ? 0 : Int(sampleEnds[row - 1]))..<Int(sampleEnds[row])
    }

    /// The row's histograms in their columns.
    func histogramRange(ofRow row: Int) -> Range<Int> {
        guard !histogramEnds.isEmpty else { return 0..<0 }
        return (row == 0 ? 0 : Int(histogramEnds[row - 1]))..<Int(histogramEnds[row])
    }

    /// The row's exemplars in their column.
    func exemplarRange(ofRow row: Int) -> Range<Int> {
        guard !exemplarEnds.isEmpty else { return 0..<0 }
        return (row == 0 ? 0 : Int(exemplarEnds[row - 1]))..<Int(exemplarEnds[row])
    }

    /// The kinds of what has a number in the request, in the order of these numbers.
    enum SampleKind {
        case float
        case histogram
        case exemplar
        case metadata
    }

    /// What a number stands for: histogram i is sample `timestamps.count + i`, exemplars follow the histograms, and
    /// metadata the exemplars.
    func place(ofSample sample: Int) -> (kind: SampleKind, index: Int) {
        let histogram = sample - timestamps.count
        guard histogram >= 0 else { return (.float, sample) }
        let exemplar = histogram - histograms.timestamps.count
        guard exemplar >= 0 else { return (.histogram, histogram) }
        let entry = exemplar - exemplars.count
        return entry < 0 ? (.exemplar, exemplar) : (.metadata, entry)
    }

    /// The other way round.
    func number(ofMetadata entry: Int) -> Int {
        timestamps.count + histograms.timestamps.count + exemplars.count + entry
    }

    /// Nil for metadata, which has none.
    func timestamp(ofSample sample: Int) -> Int64? {
        let (kind, index) = place(ofSample: sample)
        return switch kind {
        case .float: timestamps[index]
        case .histogram: histograms.timestamps[index]
        case .exemplar: exemplars[index].timestamp
        case .metadata: nil
        }
    }

    /// Calls the body with the series key of a row.
    func withKey<Result>(ofRow row: Int, _ use: (UnsafeRawBufferPointer) -> Result) -> Result {
        let source = Int(sourceRows[row])
        guard !fates.isEmpty, fates[source] == .relabeled, let relabeling = limits.relabeling else {
            return scratch.request.withKey(ofRow: source, in: scratch.buffer.bytes, use)
        }
        let labels = scratch.request.withKey(ofRow: source, in: scratch.buffer.bytes) { key in
            key.withMemoryRebound(to: UInt8.self) { relabeling.apply(to: $0) }
        }
        return (labels ?? .empty).key.withUnsafeBytes(use)
    }
}

/// The columns of a ``PreparedWrite`` while they are made.
struct WriteColumns {
    var sourceRows: [UInt32] = []
    var fingerprints: [Fingerprint] = []
    var masks: [UInt64] = []
    var sampleEnds: [UInt32] = []
    var timestamps: [Int64] = []
    var values: [Double] = []
    /// Empty where no sample has one.
    var startTimestamps: [Int64] = []
    /// Filled only where the request has histograms.
    var histogramEnds: [UInt32] = []
    var histograms = HistogramColumns()
    /// Filled only where the request has exemplars that are kept.
    var exemplarEnds: [UInt32] = []
    var exemplars: [Exemplar] = []
    var metadata: [MetricMetadata] = []
}

/// Bytes taken from ``InFlightBytes``, given back with the last reference.
final class BytesReservation: Sendable {
    private let count: Int
    private let owner: InFlightBytes

    init?(_ count: Int, of owner: InFlightBytes) {
        guard owner.take(count) else { return nil }
        self.count = count
        self.owner = owner
    }

    deinit { owner.give(back: count) }
}
