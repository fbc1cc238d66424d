internal import CoreMetrics
internal import HashRing

/// `engram_ring_members{state}`.
struct RingMetrics: Sendable {
    private let gauges: [MemberState: Gauge]

    init() {
        gauges = Dictionary(
            uniqueKeysWithValues: MemberState.allCases.map { state in
                (
                    state,
                    Gauge(label: "engram_ring_members", dimensions: [("state", state.rawValue)])
                )
            }
        )
    }

    func record(_ members: [RingMember]) {
        for (state, gauge) in gauges { gauge.record(members.count { $0.state == state }) }
    }
}
