internal import MetricsModel
internal import PromQL
internal import Synchronization

/// The series of one selector, with a record of what was read.
final class TracedSeries: SizedSource {
    private let base: any SizedSource
    /// Where the bytes that were gathered are counted, as long as the series are held.
    private let account: MemoryAccount
    /// How long gathering took.
    private let time: Duration
    private let samplesRead = Atomic(0)

    init(_ base: any SizedSource, account: MemoryAccount, time: Duration) {
        self.base = base
        self.account = account
        self.time = time
    }

    var work: QueryTrace.FetchWork {
        QueryTrace.FetchWork(
            seriesCount: base.count,
            samplesRead: samplesRead.load(ordering: .relaxed),
            size: account.peak,
            time: time
        )
    }

    var count: Int { base.count }

    var size: Int { base.size }

    func labels(at index: Int) -> Labels { base.labels(at: index) }

    func withKey(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        base.withKey(at: index, body)
    }

    func withName(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        base.withName(at: index, body)
    }

    func keys(_ projection: LabelProjection) -> any SeriesKeys { base.keys(projection) }

    func hasLabels(in names: LabelNameSet) -> Bool { base.hasLabels(in: names) }

    func read(_ index: Int, into columns: inout SampleColumns) throws {
        try read(index, needed: .all, into: &columns)
    }

    func read(_ index: Int, needed: NeededValues, into columns: inout SampleColumns) throws {
        try base.read(index, needed: needed, into: &columns)
        samplesRead.wrappingAdd(columns.count, ordering: .relaxed)
    }
}
