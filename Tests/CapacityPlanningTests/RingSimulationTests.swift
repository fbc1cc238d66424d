import CapacityPlanning
import TestSupport
import Testing

@Suite struct RingSimulationTests {
    /// Few tokens, so that the test stays short: a ring of a thousand with 512 each is what `engram ring simulate` makes.
    @Test func `a ring of many is even, and one that comes or goes moves its share`() {
        var generator = SeededGenerator(seed: 11)
        var simulation = RingSimulation(ingesters: 120, tokens: 64, series: 60_000)
        simulation.replicationFactor = 3
        var joined = 0
        let report = simulation.run(using: &generator) { joined = $0 }
        #expect(joined == 120)
        // Of the copies, which zones keep apart; shares of the tokens are even in each zone only.
        #expect(report.copies.lowerBound > 0.9 && report.copies.upperBound < 1.1)
        #expect((0.005...0.012).contains(report.movedByJoin), "an even share is 0.0083")
        #expect((0.005...0.012).contains(report.movedByLeave), "an even share is 0.0083")
        // The third copy goes to a second member of one of the two zones that are left.
        #expect((0.32...0.35).contains(report.movedByZone))
        let text = RingSimulationText(simulation, report).text
        #expect(
            text.hasPrefix("120 ingesters, 3 zones, 64 tokens each, 3 copies of 60000 series\n")
        )
    }

    @Test func `a ring without zones is even too`() {
        var generator = SeededGenerator(seed: 12)
        let simulation = RingSimulation(ingesters: 20, zones: 1, tokens: 64, series: 20_000)
        let report = simulation.run(using: &generator)
        #expect(report.ownership.lowerBound > 0.95 && report.ownership.upperBound < 1.05)
        #expect(report.movedByZone == 0)
    }
}
