import MetricsModel
import RemoteWrite
import TestSupport

/// Writes one tenant's requests at their time, again and again until each is acknowledged, as a Prometheus does.
struct ChaosWriter: Sendable {
    /// What happened to its requests.
    struct Outcome: Sendable {
        /// Seconds that answers took which acknowledged.
        var durations: [Double] = []
        /// How often an answer came that refused, by status.
        var refusals: [Int: Int] = [:]
        /// The first text of each.
        var texts: [Int: String] = [:]
        /// Connections that broke, or were refused.
        var brokenConnections = 0
        /// When a refusal or a broken connection was last met.
        var lastTrouble: ContinuousClock.Instant?

        mutating func add(_ other: Outcome) {
            durations += other.durations
            refusals.merge(other.refusals, uniquingKeysWith: +)
            texts.merge(other.texts) { first, _ in first }
            brokenConnections += other.brokenConnections
        }
    }

    let book: SampleBook
    let ports: [Int]

    /// How long the last request is tried again after the end, in seconds.
    private static let patience = 60.0

    /// Writes until told to stop; a request that was begun is acknowledged before it ends, if it can be.
    func run(until stop: StopFlag) -> Outcome {
        var outcome = Outcome()
        var connection: HTTPConnection?
        var turn = 0
        var request = book.settled + 1
        var isPending = false
        var stopped: ContinuousClock.Instant?
        while true {
            if stop.isSet {
                let since = stopped ?? .now
                stopped = since
                guard isPending, ContinuousClock.now - since < .seconds(Self.patience) else {
                    break
                }
            }
            guard book.time(of: request) <= Moment.now else {
                breathe(0.01)
                continue
            }
            isPending = true
            book.note(request, .sent)
            let began = ContinuousClock.now
            do {
                let open =
                    try connection ?? HTTPConnection(port: ports[turn % ports.count], timeout: 30)
                connection = open
                let answer = try open.send(Self.request(request, of: book))
                if answer.isSuccess {
                    book.note(request, .acknowledged)
                    outcome.durations.append((ContinuousClock.now - began) / .seconds(1))
                    request += 1
                    isPending = false
                    continue
                }
                outcome.refusals[answer.status, default: 0] += 1
                outcome.texts[answer.status] = outcome.texts[answer.status] ?? answer.text
            } catch {
                outcome.brokenConnections += 1
            }
            outcome.lastTrouble = .now
            connection = nil
            turn += 1
            breathe(0.1)
        }
        return outcome
    }

    private static func request(_ number: Int, of book: SampleBook) -> HTTPRequest {
        var body = WriteRequestEncoder()
        for series in 0..<SampleBook.seriesCount {
            let labels = Labels([("__name__", SampleBook.selector), ("series", String(series))])
            body.add(
                labels,
                timestamp: book.time(of: number),
                value: SampleBook.value(series: series, request: number)
            )
        }
        return HTTPRequest.push(body).tenant(book.tenant)
    }
}
