internal import RemoteWrite

/// Requests of replicas that were not elected, as they came, so that an election leaves no gap.
///
/// Bounded in bytes: where there is no room the oldest request of the cluster with the most bytes goes.
struct KeptRequests: Sendable {
    /// One request.
    struct Request: Sendable {
        /// Ascending in the order of receipt.
        var number = 0
        var replica: String
        var version: WriteVersion
        /// Compressed.
        var body: [UInt8]
        /// Of any series, in milliseconds.
        var newestSample: Int64
        var receivedAt: Int64
        /// Those by which it is checked when it is stored.
        var limits: WriteLimits

        /// Bytes that it takes, about.
        var size: Int { body.count + KeptRequests.overhead }
    }

    private struct Queue {
        var requests: [Request] = []
        var size = 0
    }

    /// Bytes beside the body.
    private static let overhead = 256

    private let limit: Int
    private var queues: [HAClusterID: Queue] = [:]
    private var lastNumber = 0
    private(set) var size = 0

    /// - Parameter limit: Bytes of all clusters together.
    init(limit: Int) { self.limit = limit }

    /// - Returns: How many requests had to make room, which may be this one.
    mutating func keep(_ request: Request, of cluster: HAClusterID) -> Int {
        guard request.size <= limit else { return 1 }
        var dropped = 0
        while size + request.size > limit,
            let largest = queues.max(by: { $0.value.size < $1.value.size })
        {
            remove(upTo: 1, of: largest.key)
            dropped += 1
        }
        lastNumber += 1
        var request = request
        request.number = lastNumber
        queues[cluster, default: Queue()].requests.append(request)
        queues[cluster]?.size += request.size
        size += request.size
        return dropped
    }

    /// The oldest request of a replica.
    func first(of cluster: HAClusterID, from replica: String) -> Request? {
        queues[cluster]?.requests.first { $0.replica == replica }
    }

    /// Removes the request of a number, if it is still there.
    mutating func remove(_ number: Int, of cluster: HAClusterID) {
        filter(cluster) { $0.number != number }
    }

    /// Removes what nobody needs any more: what is older than `time`, and what has no sample behind `newestSample`.
    mutating func prune(
        _ cluster: HAClusterID,
        receivedBefore time: Int64,
        upTo newestSample: Int64
    ) {
        // Most often the first ones, or none.
        guard let queue = queues[cluster],
            queue.requests.contains(where: {
                $0.receivedAt < time || $0.newestSample <= newestSample
            })
        else { return }
        filter(cluster) { $0.receivedAt >= time && $0.newestSample > newestSample }
    }

    mutating func removeAll(of cluster: HAClusterID) { filter(cluster) { _ in false } }

    /// Clusters that have some.
    var clusters: [HAClusterID] { Array(queues.keys) }

    func size(of cluster: HAClusterID) -> Int { queues[cluster]?.size ?? 0 }

    private mutating func filter(_ cluster: HAClusterID, _ isKept: (Request) -> Bool) {
        guard var queue = queues.removeValue(forKey: cluster) else { return }
        queue.requests.removeAll { !isKept($0) }
        let left = queue.requests.reduce(0) { $0 + $1.size }
        size -= queue.size - left
        queue.size = left
        if !queue.requests.isEmpty { queues[cluster] = queue }
    }

    private mutating func remove(upTo count: Int, of cluster: HAClusterID) {
        guard var queue = queues.removeValue(forKey: cluster) else { return }
        let removed = queue.requests.prefix(count).reduce(0) { $0 + $1.size }
        queue.requests.removeFirst(min(count, queue.requests.count))
        queue.size -= removed
        size -= removed
        if !queue.requests.isEmpty { queues[cluster] = queue }
    }
}
