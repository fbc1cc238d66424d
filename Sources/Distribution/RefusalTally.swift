/// Counts what a request's senders have to be told about, and keeps the first case in words.
struct RefusalTally: Sendable {
    /// The first refusal, named with its series and reason; nil where there is none.
    private(set) var first: String?
    private(set) var counts: [DiscardReason: Int] = [:]

    /// Bytes of a series' labels that a message repeats.
    static let describedLength = 300

    /// - Parameters:
    ///   - count: Samples, histograms, exemplars or metadata entries refused.
    ///   - describe: The fault in words and the series; only asked for the first refusal.
    mutating func add(
        _ reason: DiscardReason,
        count: Int,
        describe: () -> (fault: String, series: String)
    ) {
        guard count > 0 else { return }
        counts[reason, default: 0] += count
        guard first == nil else { return }
        let (fault, series) = describe()
        first = "\(fault) (\(reason.rawValue)), series \(series)"
    }

    /// The same where no series is to be named.
    mutating func add(_ reason: DiscardReason, count: Int, fault: @autoclosure () -> String) {
        guard count > 0 else { return }
        counts[reason, default: 0] += count
        guard first == nil else { return }
        first = "\(fault()) (\(reason.rawValue))"
    }

    /// Counts what is no fault that anyone has to be told of.
    mutating func add(silently reason: DiscardReason, count: Int) {
        guard count > 0 else { return }
        counts[reason, default: 0] += count
    }

    /// How many were refused, for any reason.
    var total: Int { counts.values.reduce(0, +) }

    /// The first refusal, then how many there are of each kind.
    ///
    /// Less than 1024 bytes, which is as much as a Prometheus logs.
    func message(received: Int) -> String? {
        guard let first else { return nil }
        let reasons = counts.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", ")
        let summary = "; refused \(total) of \(received), the rest is stored: "
        return ShortText.prefix(
            of: ShortText.prefix(of: first, bytes: 600) + summary + reasons,
            bytes: 1000
        )
    }
}
