import Foundation
import TestSupport
import Testing

/// Something that has to answer as a Prometheus does.
struct Subject: Sendable {
    var name: String
    var client: QueryClient
}

/// What a Prometheus answers about a time that is over.
struct PrometheusComparison {
    private let expected: [Question: [QueryAnswer.Series]]
    private let questions: [Question]

    /// A query with the way to ask it.
    private struct Question: Hashable {
        var expression: String
        /// Milliseconds since the Unix epoch; one instant where both are the same.
        var start: Int64
        var end: Int64
        /// Aggregations may round otherwise in another version.
        var isExact: Bool

        func ask(_ client: QueryClient) throws -> [QueryAnswer.Series] {
            start == end
                ? try client.instant(expression, at: end)
                : try client.range(expression, start...end, step: 1)
        }
    }

    /// Asks now.
    ///
    /// - Parameters:
    ///   - first: from then on both have all samples; milliseconds since the Unix epoch.
    ///   - last: no sample of that time is still to come.
    init(_ prometheus: QueryClient, from first: Int64, to last: Int64) throws {
        let end = try Self.quietMoment(prometheus, before: last)
        let seconds = (end - first) / 1000 - 1
        let raw = [
            "up", "prometheus_tsdb_head_series", "{job=\"prometheus\"}", "{job=\"engram\"}",
            "{job=\"mortal\"}", "{job=\"shrinking\"}", "{__name__=~\"scrape_.*\"}",
        ]
        questions =
            raw.map {
                Question(expression: "\($0)[\(seconds)s]", start: end, end: end, isExact: true)
            }
            + Self.expressions.map { expression, isExact in
                // The ranges reach back 11 s, the offset 4 s.
                let start = first + (end - first) % 1000 + (isExact ? 5000 : 12_000)
                return Question(
                    expression: expression,
                    start: start,
                    end: end,
                    isExact: isExact
                )
            }
        var answers: [Question: [QueryAnswer.Series]] = [:]
        for question in questions {
            let answer = try question.ask(prometheus)
            #expect(!answer.isEmpty, "Prometheus has no answer to \(question.expression)")
            answers[question] = answer
        }
        expected = answers
    }

    private static let expressions: [(String, Bool)] = [
        ("up", true),
        ("{job=\"mortal\"}", true),
        ("{job=\"shrinking\",__name__=~\"engram_.*|up\"}", true),
        ("prometheus_tsdb_head_samples_appended_total offset 4s", true),
        ("absent(engram_build_info{job=\"mortal\"})", true),
        ("count by (job) ({__name__=~\".+\"})", true),
        ("sum(rate(prometheus_http_requests_total[10s]))", false),
        ("sum by (handler) (increase(prometheus_http_requests_total[11s]))", false),
        ("rate(prometheus_tsdb_head_samples_appended_total[9s])", false),
        ("max by (job) (scrape_samples_scraped) / 2 > bool 100", true),
        ("topk(2, scrape_samples_scraped{job!~\"mortal|shrinking\"})", true),
        ("avg_over_time(up[10s])", false),
        ("sum without (instance) (up) * on (job) group_left count by (job) (up)", true),
        (
            "histogram_quantile(0.9, "
                + "sum by (le) (rate(prometheus_http_request_duration_seconds_bucket[10s])))", false
        ),
    ]

    /// Staleness is only compared where there is some.
    func checkThatItShowsStaleness() throws {
        for job in ["mortal", "shrinking"] {
            let gone = try #require(
                questions.first { $0.expression.hasPrefix("{job=\"\(job)\"") && $0.start < $0.end }
            )
            let newest = expected[gone]?
                .filter { $0.metric["__name__"]?.hasPrefix("engram_") == true }
                .compactMap { $0.values?.last?.timestamp }.max()
            #expect(try #require(newest) < gone.end - 3_000, "\(job)")
        }
    }

    /// Asks the same of the subject.
    func check(_ subject: Subject, _ stage: String) throws {
        for question in questions {
            let answer = try question.ask(subject.client)
            let fault = Self.difference(
                answer,
                expected[question] ?? [],
                isExact: question.isExact
            )
            let message =
                "\(subject.name), \(stage): \(question.expression) "
                + "(\(question.start)...\(question.end)): \(fault ?? "")"
            #expect(fault == nil, "\(message)")
        }
    }

    /// The first difference in words, or nil.
    private static func difference(
        _ found: [QueryAnswer.Series],
        _ expected: [QueryAnswer.Series],
        isExact: Bool
    ) -> String? {
        if isExact, found == expected { return nil }
        let missing = expected.first { one in !found.contains { $0.metric == one.metric } }
        if let missing { return "no series \(missing.metric) among \(found.count)" }
        let added = found.first { one in !expected.contains { $0.metric == one.metric } }
        if let added { return "series \(added.metric) beside \(expected.count)" }
        for (left, right) in zip(found, expected) {
            let leftPoints = left.values ?? []
            let rightPoints = right.values ?? []
            if leftPoints.map(\.timestamp) != rightPoints.map(\.timestamp) {
                let more = Set(leftPoints.map(\.timestamp))
                    .symmetricDifference(rightPoints.map(\.timestamp))
                return "\(left.metric): other times: \(more.sorted())"
            }
            for (one, other) in zip(leftPoints, rightPoints)
            where !areEqual(one.text, other.text, isExact: isExact) {
                return "\(left.metric) at \(one.timestamp): \(one.text), expected \(other.text)"
            }
        }
        return nil
    }

    private static func areEqual(_ left: String, _ right: String, isExact: Bool) -> Bool {
        if left == right { return true }
        guard !isExact, let left = Double(left), let right = Double(right) else { return false }
        return abs(left - right) <= 1e-12 * max(abs(left), abs(right))
    }

    /// A time on which, seconds added or taken away, no sample falls.
    ///
    /// Ranges of this Prometheus hold their start, those of later versions do not.
    private static func quietMoment(_ prometheus: QueryClient, before last: Int64) throws -> Int64 {
        let taken = try prometheus.samples("up", last - 60_000...last + 5_000)
            .flatMap { $0.values ?? [] }.map { $0.timestamp % 1000 }
        let distances = (0..<100).map { hundredth in
            let candidate = Int64(hundredth * 10)
            let nearest = taken.map { abs($0 - candidate) }.map { min($0, 1000 - $0) }.min() ?? 0
            return (candidate: candidate, nearest: nearest)
        }
        let best = distances.max { $0.nearest < $1.nearest }?.candidate ?? 0
        return last / 1000 * 1000 - 1000 + best
    }
}
