import Foundation
import TestSupport

/// Asks for what was acknowledged, while things break, and compares.
struct ChaosReader: Sendable {
    /// What the answers were.
    struct Outcome: Sendable {
        var answered = 0
        /// Of these, those that did without the store.
        var withoutStore = 0
        /// Queries that had no result, by reason, with the first text of each.
        var failures: [String: (count: Int, text: String)] = [:]
        /// What no failure explains: samples that are missing, twice or wrong.
        var faults: [String] = []
        var durations: [Double] = []

        var failedCount: Int { failures.values.reduce(0) { $0 + $1.count } }

        mutating func add(_ other: Outcome) {
            answered += other.answered
            withoutStore += other.withoutStore
            failures.merge(other.failures) { ($0.count + $1.count, $0.text) }
            faults += other.faults
            durations += other.durations
        }

        mutating func fail(_ reason: String, _ text: String) {
            failures[reason] = ((failures[reason]?.count ?? 0) + 1, failures[reason]?.text ?? text)
        }
    }

    let books: [SampleBook]
    let ports: [Int]

    /// Asks until told to stop.
    ///
    /// - Parameter recent: Only of so many of the newest requests; nil asks of all times.
    func run(until stop: StopFlag, seed: UInt64, recent: Int? = nil) -> Outcome {
        var random = SeededGenerator(seed: seed)
        var outcome = Outcome()
        while !stop.isSet {
            ask(&outcome, recent: recent, using: &random)
            breathe(0.05)
        }
        return outcome
    }

    /// Asks one question.
    func ask(_ outcome: inout Outcome, recent: Int? = nil, using random: inout SeededGenerator) {
        guard let book = books.randomElement(using: &random),
            let port = ports.randomElement(using: &random)
        else { return }
        let newest = book.settled
        guard newest >= 8 else { return breathe(0.1) }
        let length = recent ?? Int.random(in: 8...120, using: &random)
        let isNewest = recent != nil || Bool.random(using: &random)
        let last = isNewest ? newest : Int.random(in: 8...newest, using: &random)
        let requests = max(0, last - length + 1)...last
        let function = ["count_over_time", "sum_over_time"].randomElement(using: &random) ?? ""
        ask(function, of: book, requests, port: port, &outcome)
    }

    /// Asks for a count or a sum of some requests' samples.
    func ask(
        _ function: String,
        of book: SampleBook,
        _ requests: ClosedRange<Int>,
        port: Int,
        _ outcome: inout Outcome
    ) {
        let before = book.fates(of: requests)
        let length = book.time(of: requests.upperBound) - book.time(of: requests.lowerBound) + 1
        let began = ContinuousClock.now
        let answer: HTTPAnswer
        do {
            answer = try HTTPConnection.send(
                HTTPRequest.get(
                    "/prometheus/api/v1/query",
                    [
                        ("query", "\(function)(\(SampleBook.selector)[\(length)ms])"),
                        ("time", QueryClient.seconds(book.time(of: requests.upperBound))),
                    ]
                ).tenant(book.tenant),
                port: port
            )
        } catch {
            return outcome.fail("no connection", "\(error)")
        }
        outcome.durations.append((ContinuousClock.now - began) / .seconds(1))
        guard answer.status == 200 else {
            return outcome.fail(String(answer.status), String(answer.text.prefix(400)))
        }
        guard let decoded = try? JSONDecoder().decode(QueryAnswer.self, from: Data(answer.body))
        else { return outcome.faults.append("not an answer: \(answer.text.prefix(200))") }
        outcome.answered += 1
        for warning in decoded.warnings ?? [] {
            if warning.contains("from the memory of the ingesters") {
                outcome.withoutStore += 1
            } else {
                outcome.faults.append("unexpected warning: \(warning)")
            }
        }
        let faults = Self.faults(
            function,
            requests,
            before: before,
            after: book.fates(of: requests),
            decoded.sorted
        )
        outcome.faults += faults.prefix(4).map {
            "\(Moment.now) \(book.tenant) \(function) of \(requests) at port \(port): \($0)"
        }
    }

    private static func faults(
        _ function: String,
        _ requests: ClosedRange<Int>,
        before: [SampleBook.Fate],
        after: [SampleBook.Fate],
        _ answer: [QueryAnswer.Series]
    ) -> [String] {
        let acknowledged = before.count { $0 == .acknowledged }
        let sent = after.count { $0 != .unsent }
        var faults: [String] = []
        for number in 0..<SampleBook.seriesCount {
            let found = answer.first { $0.metric["series"] == String(number) }?.value?.text
            guard let found, let value = Double(found) else {
                if acknowledged > 0 { faults.append("series \(number) is missing") }
                continue
            }
            if function == "count_over_time" {
                if Int(value) < acknowledged || Int(value) > sent {
                    faults.append(
                        "series \(number) has \(found) samples, "
                            + "\(acknowledged) were acknowledged and \(sent) sent"
                    )
                }
            } else if acknowledged == requests.count {
                let sum = requests.reduce(0) {
                    $0 + SampleBook.value(series: number, request: $1)
                }
                if value != sum { faults.append("series \(number): sum \(found), not \(sum)") }
            }
        }
        if answer.count > SampleBook.seriesCount { faults.append("\(answer.count) series") }
        return faults
    }

    /// Compares every sample of a tenant that one querier answers with the book.
    ///
    /// - Returns: what is wrong, the first cases.
    func check(_ book: SampleBook, port: Int) throws -> [String] {
        let client = QueryClient(port: port, tenant: book.tenant)
        let pageSize = 400
        var faults: [String] = []
        for first in stride(from: 0, to: book.count, by: pageSize) {
            let requests = first...min(first + pageSize, book.count) - 1
            let range = book.time(of: requests.lowerBound)...book.time(of: requests.upperBound)
            let found = try client.samples(SampleBook.selector, range)
            let fates = book.fates(of: requests)
            for number in 0..<SampleBook.seriesCount {
                let points = found.first { $0.metric["series"] == String(number) }?.values ?? []
                faults += Self.faults(of: points, series: number, requests, fates, book)
            }
            if found.count > SampleBook.seriesCount { faults.append("\(found.count) series") }
        }
        return faults.count <= 8 ? faults : faults.prefix(8) + ["\(faults.count) in all"]
    }

    private static func faults(
        of points: [QueryAnswer.Point],
        series: Int,
        _ requests: ClosedRange<Int>,
        _ fates: [SampleBook.Fate],
        _ book: SampleBook
    ) -> [String] {
        var found: Set<Int> = []
        var faults: [String] = []
        for point in points {
            let request = book.request(at: point.timestamp)
            guard let request, requests.contains(request),
                fates[request - requests.lowerBound] != .unsent,
                Double(point.text) == SampleBook.value(series: series, request: request)
            else {
                faults.append("series \(series) at \(point.timestamp): \(point.text) was not sent")
                continue
            }
            if !found.insert(request).inserted {
                faults.append("series \(series) twice at \(point.timestamp)")
            }
        }
        for request in requests where fates[request - requests.lowerBound] == .acknowledged {
            if !found.contains(request) {
                faults.append("series \(series) of request \(request) is lost")
            }
        }
        return faults
    }
}
