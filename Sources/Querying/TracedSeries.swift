internal import MetricsModel
internal import PromQL
internal import Synchronization

/// The series of one selector, with a record of what was read.
final class TracedSeries: SeriesSource {
    private let base: any SeriesSource
    /// Where the bytes that were gathered are counted, as long as the series are held.
    private let account: MemoryAccount
    /// How long gathering took.
    private let time: Duration
    private let samplesRead = Atomic(0)

    init(_ base: any SeriesSource, account: MemoryAccount, time: Duration) {
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

    func labels(at index: Int) -> Labels { base.labels(at: index) }

    func withKey(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        base.withKey(at: index, body)
    }

    func read(_ index: Int, into columns: inout SampleColumns) throws {
        try base.read(index, into: &columns)
        samplesRead.wrappingAdd(columns.count, ordering: .relaxed)
    }
}
