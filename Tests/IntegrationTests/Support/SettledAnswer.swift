import TestSupport
import Testing

/// What a cluster answered about samples that were acknowledged, and the comparison with what it answers later.
struct SettledAnswer {
    private let cluster: LocalCluster
    private let tenant: String
    private let range: ClosedRange<Int64>
    private let samples: [QueryAnswer.Series]

    /// Asks for the last two minutes of what the load has written.
    init(_ load: ClusterLoad, of tenant: String, in cluster: LocalCluster) throws {
        self.cluster = cluster
        self.tenant = tenant
        range = load.end - 120_000...load.end
        samples = try cluster.queriers[0].queries(tenant: tenant).samples("load", range)
        #expect(!samples.isEmpty)
    }

    /// Asks all queriers for the same again and again while the work lasts: no answer may differ.
    func expectNoOther(_ stage: String, during work: () throws -> Void) throws {
        let stop = StopFlag()
        let asking = cluster.queriers.map { querier in
            let client = querier.queries(tenant: tenant)
            return Background { [range, samples] () -> (asked: Int, different: Int) in
                var count = (asked: 0, different: 0)
                while !stop.isSet {
                    let answer = try client.samples("load", range)
                    count.asked += 1
                    if answer != samples { count.different += 1 }
                    breathe(0.05)
                }
                return count
            }
        }
        let outcome = Result { try work() }
        stop.set()
        for querier in asking {
            let (asked, different) = try querier.join()
            #expect(asked > 0, "\(stage)")
            #expect(different == 0, "\(stage): \(different) of \(asked) answers differ")
        }
        try outcome.get()
    }
}
