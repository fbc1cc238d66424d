internal import ClusterInterface
internal import Distribution
internal import HashRing
internal import Ingestion
internal import Querying

/// The ring of a single process: its own ingester owns everything.
struct LocalIngester: RingView, IngesterDirectory {
    private let ingester: Ingester
    private let instance: String
    private let targets: WriteTargets

    init(_ ingester: Ingester, instance: String) {
        self.ingester = ingester
        self.instance = instance
        let member = RingMember(
            instance: instance,
            address: "",
            state: .active,
            tokens: [UInt32.max]
        )
        targets = WriteTargets(ring: HashRing(members: [member]) { _ in true }) { _ in ingester }
    }

    /// The ingester itself refuses writes while it starts.
    func current() -> WriteTargets { targets }

    func readers() -> ReadSet {
        ReadSet(members: [(instance, ingester)], missing: [], tolerated: 0)
    }
}
