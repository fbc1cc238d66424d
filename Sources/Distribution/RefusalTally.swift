/// Counts what a request's senders have to be told about, and keeps the first case in words, and some for
/// ``DiscardLog``.
struct RefusalTally: Sendable {
    /// A refused series.
    struct Example: Sendable {
        var reason: DiscardReason
        var fault: String
        var series: String
        var count: Int
    }

    /// The first refusal, named with its series and reason; nil where there is none.
    private(set) var first: String?
    private(set) var counts: [DiscardReason: Int] = [:]
    /// Some of the refused series, each once for a reason; at least one of each reason.
    private(set) var examples: [Example] = []
    /// Refusals that were put into words.
    private var describedCount = 0

    /// Bytes of a series' labels that a message repeats.
    static let quotedLength = 300
    /// Bytes of a series' labels that are kept of an example.
    static let describedLength = 1000
    /// Examples of one request, but for those that are the first of their reason.
    private static let maximumExamples = 16
    /// Refusals of one request that are put into words to find them.
    private static let maximumDescribed = 64

    /// - Parameters:
    ///   - count: Samples, histograms, exemplars or metadata entries refused.
    ///   - describe: The fault in words and the series; only asked for some refusals.
    mutating func add(
        _ reason: DiscardReason,
        count: Int,
        describe: () -> (fault: String, series: String)
    ) {
        guard count > 0 else { return }
        let isFirst = note(reason, count)
        guard isFirst || wantsExamples else { return }
        let (fault, series) = describe()
        if first == nil {
            let quoted = ShortText.prefix(of: series, bytes: Self.quotedLength)
            first = "\(fault) (\(reason.rawValue)), series \(quoted)"
        }
        keep(Example(reason: reason, fault: fault, series: series, count: count))
    }

    /// The same where no series is to be named.
    mutating func add(_ reason: DiscardReason, count: Int, fault: @autoclosure () -> String) {
        guard count > 0 else { return }
        let isFirst = note(reason, count)
        guard isFirst || wantsExamples else { return }
        let fault = fault()
        if first == nil { first = "\(fault) (\(reason.rawValue))" }
        keep(Example(reason: reason, fault: fault, series: "", count: count))
    }

    /// Counts what is no fault that anyone has to be told of.
    mutating func add(silently reason: DiscardReason, count: Int) {
        guard count > 0 else { return }
        counts[reason, default: 0] += count
    }

    /// Likewise, and keeps an example.
    mutating func add(
        quietly reason: DiscardReason,
        count: Int,
        describe: () -> (fault: String, series: String)
    ) {
        guard count > 0 else { return }
        let isFirst = note(reason, count)
        guard isFirst || wantsExamples else { return }
        let (fault, series) = describe()
        keep(Example(reason: reason, fault: fault, series: series, count: count))
    }

    /// Counts, and says whether it is the first one of its reason.
    private mutating func note(_ reason: DiscardReason, _ count: Int) -> Bool {
        let before = counts[reason, default: 0]
        counts[reason] = before + count
        return before == 0
    }

    private var wantsExamples: Bool {
        examples.count < Self.maximumExamples && describedCount < Self.maximumDescribed
    }

    private mutating func keep(_ example: Example) {
        describedCount += 1
        let known = examples.firstIndex {
            $0.reason == example.reason && $0.series == example.series
        }
        if let known {
            examples[known].count += example.count
        } else {
            examples.append(example)
        }
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
