import MetricsModel
import RemoteWrite
import TestSupport

/// Pushes samples that can be told from any others, and keeps which of them were acknowledged.
///
/// Writer `w` sends requests `n` = 0, 1, …, each with a few samples of a few series `load{writer="w",series="s"}`.
struct LoadWriter: Sendable {
    static let seriesCount = 8
    static let samplesPerRequest = 5
    /// Milliseconds between samples of a series.
    static let step: Int64 = 100

    let name: String
    /// Milliseconds since the Unix epoch, of the first sample.
    let start: Int64
    /// Where requests go; several are used in turn.
    var ports: [Int]
    var tenant: String?
    private(set) var nextRequest = 0
    /// Numbers of the requests that were answered with 2xx.
    private(set) var acknowledged: [Int] = []
    /// Numbers of all that were sent, once or more.
    private(set) var sent: [Int] = []

    init(name: String, start: Int64, ports: [Int], tenant: String? = nil) {
        self.name = name
        self.start = start
        self.ports = ports
        self.tenant = tenant
    }

    var selector: String { "load{writer=\"\(name)\"}" }

    /// Milliseconds since the Unix epoch, of the first sample of a request.
    func time(of request: Int) -> Int64 {
        start + Int64(request * Self.samplesPerRequest) * Self.step
    }

    /// Sends on one connection until told to stop, or until a request fails.
    ///
    /// - Returns: what failed, if not the connection: an answer other than 2xx.
    mutating func run(until stop: StopFlag, atMost limit: Int = .max) -> HTTPAnswer? {
        let port = ports[nextRequest % ports.count]
        guard let connection = try? HTTPConnection(port: port, timeout: 30) else { return nil }
        var count = 0
        while !stop.isSet, count < limit {
            sent.append(nextRequest)
            guard let answer = try? connection.send(request(nextRequest)) else { return nil }
            guard answer.isSuccess else { return answer }
            acknowledged.append(nextRequest)
            nextRequest += 1
            count += 1
        }
        return nil
    }

    /// Leaves out a request that may or may not have been stored.
    mutating func skip() { nextRequest += 1 }

    /// Compares what is stored with what was sent since request `first`.
    ///
    /// - Returns: what is wrong, by sample, the first cases; empty when nothing is.
    func faults(since first: Int = 0, in client: QueryClient) throws -> [String] {
        guard first < nextRequest + 1 else { return [] }
        var client = client
        client.tenant = tenant
        let range = time(of: first)...(time(of: nextRequest + 1))
        let stored = try client.samples(selector, range)
        var faults: [String] = []
        for series in 0..<Self.seriesCount {
            let metric = [
                "__name__": "load", "writer": name, "series": String(series),
            ]
            let points = stored.first { $0.metric == metric }?.values ?? []
            faults += self.faults(of: points, series: series, since: first)
        }
        if stored.count > Self.seriesCount { faults.append("unknown series among \(stored.count)") }
        return faults.count <= 8 ? faults : faults.prefix(8) + ["\(faults.count) in all"]
    }

    private func faults(
        of points: [QueryAnswer.Point],
        series: Int,
        since first: Int
    ) -> [String] {
        let possible = Set(sent)
        var found: [Int64: String] = [:]
        var faults: [String] = []
        for point in points {
            if found.updateValue(point.text, forKey: point.timestamp) != nil {
                faults.append("series \(series) twice at \(point.timestamp)")
            }
            let request = Int((point.timestamp - start) / Self.step) / Self.samplesPerRequest
            let expected = value(series: series, at: point.timestamp)
            if !possible.contains(request) || Double(point.text) != expected {
                faults.append("series \(series) at \(point.timestamp): \(point.text) was not sent")
            }
        }
        for request in acknowledged where request >= first {
            for index in 0..<Self.samplesPerRequest {
                let time = time(of: request) + Int64(index) * Self.step
                if found[time] == nil {
                    faults.append("series \(series) at \(time) of request \(request) is lost")
                }
            }
        }
        return faults
    }

    private func value(series: Int, at time: Int64) -> Double {
        Double((time - start) / Self.step) * 16 + Double(series) + (time % 3 == 0 ? 0.5 : 0.25)
    }

    private func request(_ number: Int) -> HTTPRequest {
        var body = WriteRequestEncoder()
        for series in 0..<Self.seriesCount {
            let labels = Labels([
                ("__name__", "load"), ("series", String(series)), ("writer", name),
            ])
            let samples = (0..<Self.samplesPerRequest).map { index in
                let time = time(of: number) + Int64(index) * Self.step
                return Sample(timestamp: time, value: value(series: series, at: time))
            }
            body.add(labels, samples)
        }
        return HTTPRequest.push(body).tenant(tenant)
    }
}
