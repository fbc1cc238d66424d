internal import ClusterInterface
public import MetricsModel
internal import RemoteWrite

/// A request that is decoded and checked, and waits to be sent to the ingesters.
///
/// Rows and samples that are refused are not among the columns any more. Immutable; the last reference gives its
/// memory and its share of the bytes in flight back.
public final class PreparedWrite: Sendable {
    public let tenant: TenantID
    let seed: TenantSeed
    let salt: UInt64
    /// How old a sample out of order may be for the tenant, in milliseconds; for messages.
    let lateWindowMilliseconds: Int64
    /// For each row, its row in the decoded request.
    let sourceRows: [UInt32]
    let fingerprints: [Fingerprint]
    /// For each row, its entry in ``KnownSeries``.
    let masks: [UInt64]
    let sampleEnds: [UInt32]
    let timestamps: [Int64]
    let values: [Double]
    /// One past each row's last histogram; empty where no row has any.
    let histogramEnds: [UInt32]
    let histograms: HistogramColumns
    /// What was refused already.
    let refusals: RefusalTally
    /// Samples and native histograms received, refused ones included.
    let received: Int
    let exemplarCount: Int
    private let scratch: WriteScratch
    private let pool: WriteScratchPool
    private let reservation: BytesReservation

    init(
        columns: WriteColumns,
        refusals: RefusalTally,
        tenant: TenantID,
        seed: TenantSeed,
        salt: UInt64,
        lateWindowMilliseconds: Int64,
        scratch: WriteScratch,
        pool: WriteScratchPool,
        reservation: BytesReservation
    ) {
        self.tenant = tenant
        self.seed = seed
        self.salt = salt
        self.lateWindowMilliseconds = lateWindowMilliseconds
        sourceRows = columns.sourceRows
        fingerprints = columns.fingerprints
        masks = columns.masks
        sampleEnds = columns.sampleEnds
        timestamps = columns.timestamps
        values = columns.values
        histogramEnds = columns.histogramEnds
        histograms = columns.histograms
        self.refusals = refusals
        received = scratch.request.timestamps.count + scratch.request.histogramCount
        exemplarCount = scratch.request.exemplarCount
        self.scratch = scratch
        self.pool = pool
        self.reservation = reservation
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

    /// The timestamp of a sample; histogram i is sample `timestamps.count + i`.
    func timestamp(ofSample sample: Int) -> Int64 {
        let histogram = sample - timestamps.count
        return histogram < 0 ? timestamps[sample] : histograms.timestamps[histogram]
    }

    /// Calls the body with the series key of a row.
    func withKey<Result>(ofRow row: Int, _ use: (UnsafeRawBufferPointer) -> Result) -> Result {
        scratch.request.withKey(ofRow: Int(sourceRows[row]), in: scratch.buffer.bytes, use)
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
    /// Filled only where the request has histograms.
    var histogramEnds: [UInt32] = []
    var histograms = HistogramColumns()
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
