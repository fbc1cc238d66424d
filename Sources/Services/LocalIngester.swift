internal import ClusterInterface
internal import Distribution
internal import HashRing
internal import Ingestion
internal import Querying

/// The ring of a single process: its own ingester owns everything.
struct LocalIngester: RingView, IngesterDirectory {
    private let ingester: Ingester
    /// The only one of the ring.
    let member: RingMember
    private let targets: WriteTargets

    init(_ ingester: Ingester, instance: String) {
        self.ingester = ingester
        let member = RingMember(
            instance: instance,
            address: "",
            state: .active,
            tokens: [UInt32.max]
        )
        self.member = member
        targets = WriteTargets(ring: HashRing(members: [member]) { _ in true }) { _ in ingester }
    }

    /// The ingester itself refuses writes while it starts.
    func current() -> WriteTargets { targets }

    func readers() -> ReadSet {
        ReadSet(only: member.instance, client: ingester)
    }
}
