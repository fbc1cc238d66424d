import Synchronization

/// What one tenant was sent, sample by sample, and what of it was acknowledged.
///
/// Request n has one sample of each series, at a time of its own; so a request that is sent again changes nothing.
final class SampleBook: Sendable {
    static let seriesCount = 20
    /// Milliseconds between requests.
    static let step: Int64 = 500

    /// What became of one request.
    enum Fate: UInt8, Comparable {
        case unsent
        /// Sent, and perhaps stored.
        case sent
        case acknowledged

        static func < (left: Fate, right: Fate) -> Bool { left.rawValue < right.rawValue }
    }

    let tenant: String
    /// Milliseconds since the Unix epoch, of request 0.
    let start: Int64
    private let fates = Mutex<[Fate]>([])

    init(tenant: String, start: Int64) {
        self.tenant = tenant
        self.start = start
    }

    static let selector = "chaos"

    func time(of request: Int) -> Int64 { start + Int64(request) * Self.step }

    /// The request that has its samples at a time; nil where none has.
    func request(at time: Int64) -> Int? {
        guard time >= start, (time - start) % Self.step == 0 else { return nil }
        return Int((time - start) / Self.step)
    }

    /// The same from one try to the next; sums of it are exact.
    static func value(series: Int, request: Int) -> Double { Double(request * 64 + series) }

    func note(_ request: Int, _ fate: Fate) {
        fates.withLock { fates in
            while fates.count <= request { fates.append(.unsent) }
            fates[request] = max(fates[request], fate)
        }
    }

    /// Requests that were tried so far.
    var count: Int { fates.withLock { $0.count } }

    var acknowledgedCount: Int { fates.withLock { $0.count { $0 == .acknowledged } } }

    /// What is known of each of some requests.
    func fates(of requests: ClosedRange<Int>) -> [Fate] {
        fates.withLock { fates in
            requests.map { fates.indices.contains($0) ? fates[$0] : .unsent }
        }
    }

    /// The newest request up to which all are acknowledged; -1 where there is none.
    var settled: Int {
        fates.withLock { ($0.firstIndex { $0 != .acknowledged } ?? $0.count) - 1 }
    }
}
