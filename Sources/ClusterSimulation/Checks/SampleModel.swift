/// What one tenant may find: every sample that was ever sent, and what became of it.
///
/// Times of the run are microseconds since its beginning.
struct SampleModel {
    /// One sample that was sent.
    struct Sent {
        var value: Double
        /// When a distributor's answer said that it is stored; nil where none did.
        var acknowledgedAt: Int64?
        /// When the first deletion that means it was asked for.
        var deletionAskedAt: Int64?
        /// When a deletion that means it was committed, as the one who ordered it was told.
        var deletedAt: Int64?
    }

    /// By series, then by timestamp.
    private(set) var series: [[Int64: Sent]]

    init(seriesCount: Int) { series = Array(repeating: [:], count: seriesCount) }

    /// Samples that were sent, each once.
    var count: Int { series.reduce(0) { $0 + $1.count } }

    var acknowledgedCount: Int {
        series.reduce(0) { $0 + $1.values.count { $0.acknowledgedAt != nil } }
    }

    mutating func noteSent(_ number: Int, _ timestamp: Int64, _ value: Double) {
        if series[number][timestamp] == nil { series[number][timestamp] = Sent(value: value) }
    }

    mutating func noteAcknowledged(_ number: Int, _ timestamp: Int64, at time: Int64) {
        guard series[number][timestamp]?.acknowledgedAt == nil else { return }
        series[number][timestamp]?.acknowledgedAt = time
    }

    mutating func noteDeletion(_ number: Int, _ range: Range<Int64>, askedAt time: Int64) {
        for timestamp in series[number].keys where range.contains(timestamp) {
            if series[number][timestamp]?.deletionAskedAt == nil {
                series[number][timestamp]?.deletionAskedAt = time
            }
        }
    }

    mutating func noteDeleted(_ number: Int, _ range: Range<Int64>, at time: Int64) {
        for timestamp in series[number].keys where range.contains(timestamp) {
            if series[number][timestamp]?.deletedAt == nil {
                series[number][timestamp]?.deletedAt = time
            }
        }
    }

    /// What is wrong with an answer.
    struct Fault {
        var text: String
        /// Times of the samples that it is about.
        var timestamps: [Int64]
    }

    /// What is wrong with an answer; nil where nothing is.
    ///
    /// - Parameters:
    ///   - start: When the query began.
    ///   - end: When its answer came.
    ///   - mayLack: Whether acknowledged samples may be missing.
    func fault(
        of answer: [(timestamp: Int64, value: Double)],
        series number: Int,
        start: Int64,
        end: Int64,
        mayLack: Bool
    ) -> Fault? {
        let sent = series[number]
        var found: Set<Int64> = []
        for (index, sample) in answer.enumerated() {
            func fault(_ what: String) -> Fault {
                Fault(
                    text: "sample \(sample.timestamp)=\(sample.value) of series \(number) \(what)",
                    timestamps: [sample.timestamp]
                )
            }
            if index > 0, answer[index - 1].timestamp >= sample.timestamp {
                return fault("comes twice or out of order")
            }
            guard let expected = sent[sample.timestamp], expected.value == sample.value else {
                return fault("was never sent")
            }
            if let deletedAt = expected.deletedAt, deletedAt <= start {
                return fault("is found after it was deleted")
            }
            found.insert(sample.timestamp)
        }
        guard !mayLack else { return nil }
        let lacking = sent.keys.filter { timestamp in
            guard let sample = sent[timestamp], let acknowledgedAt = sample.acknowledgedAt,
                acknowledgedAt <= start, !found.contains(timestamp)
            else { return false }
            return (sample.deletionAskedAt ?? .max) > end
        }.sorted()
        guard let first = lacking.first, let last = lacking.last else { return nil }
        return Fault(
            text: "\(lacking.count) acknowledged samples of series \(number) are missing, "
                + "from \(first) to \(last), of \(sent.count)",
            timestamps: lacking
        )
    }
}
