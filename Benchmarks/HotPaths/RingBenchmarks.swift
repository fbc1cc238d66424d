import Benchmark
import HashRing
import Measuring

/// Where the distributor sends a series that it has not met before.
enum RingBenchmarks {
    static func register() { replicas() }

    /// Finds the three replicas of random tokens among nine members in three zones.
    ///
    /// Expected: 30 ns a token: one cache miss in the table of 4608 places, and a few steps.
    private static func replicas() {
        measure("Ring: replicas of a token") {
            (benchmark, fixture: (ring: HashRing, tokens: [UInt32])) in
            var sum = 0
            for index in benchmark.scaledIterations {
                sum &+= fixture.ring.replicas(for: fixture.tokens[index], replicationFactor: 3)[2]
            }
            blackHole(sum)
        } setup: {
            var generator = SeededGenerator(seed: 1)
            let ring = HashRing(members: members(using: &generator)) { _ in true }
            return (ring, (0..<1000).map { _ in UInt32.random(in: 0...(.max), using: &generator) })
        }
    }

    /// Members with the tokens that they would choose, one joining after the other.
    private static func members(using generator: inout SeededGenerator) -> [RingMember] {
        var members: [RingMember] = []
        for number in 0..<9 {
            let zone = "zone-\(number % 3)"
            members.append(
                RingMember(
                    instance: "ingester-\(number)",
                    address: "10.0.0.\(number):9095",
                    zone: zone,
                    state: .active,
                    tokens: TokenChoice.tokens(joining: zone, members: members, using: &generator)
                )
            )
        }
        return members
    }
}
