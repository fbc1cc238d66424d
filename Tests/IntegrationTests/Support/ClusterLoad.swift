import TestSupport
import Testing

/// Writers that push to a cluster, and the comparison of what they wrote with what its queriers answer.
struct ClusterLoad {
    private var writers: [LoadWriter]
    private let cluster: LocalCluster
    private var refusals: [HTTPAnswer] = []
    private var brokenConnections = 0

    init(_ cluster: LocalCluster, tenant: String) {
        self.cluster = cluster
        let ports = cluster.distributors.map(\.port)
        writers = (0..<3).map { number in
            LoadWriter(
                name: "c\(number)",
                start: Moment.windowBorder - 30_000,
                ports: ports,
                tenant: tenant
            )
        }
    }

    /// A time, in milliseconds, before which no more samples will be sent.
    var end: Int64 { writers.map { $0.time(of: $0.nextRequest) - 1 }.min() ?? 0 }

    var acknowledgedCount: Int { writers.map(\.acknowledged.count).reduce(0, +) }

    /// Pushes while the work lasts; a writer that is refused tries the same request again.
    mutating func run(during work: () throws -> Void) throws {
        let stop = StopFlag()
        let running = writers.map { writer in
            Background { () -> (writer: LoadWriter, refusals: [HTTPAnswer], broken: Int) in
                var writer = writer
                var refusals: [HTTPAnswer] = []
                var broken = 0
                while !stop.isSet {
                    let refusal = writer.run(until: stop)
                    if let refusal {
                        refusals.append(refusal)
                        breathe(0.05)
                    } else if !stop.isSet {
                        broken += 1
                        breathe(0.05)
                    }
                }
                return (writer, refusals, broken)
            }
        }
        let outcome = Result { try work() }
        stop.set()
        let ends = try running.map { try $0.join() }
        writers = ends.map(\.writer)
        refusals = ends.flatMap(\.refusals)
        brokenConnections = ends.map(\.broken).reduce(0, +)
        try outcome.get()
    }

    /// That in the last run no writer had to try again.
    func expectNoRefusal(_ stage: String) throws {
        let text = refusals.first.map { "\($0.status) \($0.text)" } ?? ""
        #expect(refusals.isEmpty, "\(stage): \(refusals.count) refusals, such as \(text)")
        #expect(brokenConnections == 0, "\(stage)")
    }

    /// Compares everything acknowledged so far with the answers of each querier.
    ///
    /// - Throws: where a querier answers an error.
    func check(_ stage: String) throws {
        for querier in cluster.queriers {
            for writer in writers {
                let faults = try writer.faults(in: querier.queries())
                #expect(
                    faults.isEmpty,
                    "\(stage), \(writer.name)"
                )
            }
        }
    }
}
