/// What a simulated ring was found to be like, for people.
public struct RingSimulationText: Sendable {
    public let text: String

    public init(_ simulation: RingSimulation, _ report: RingSimulation.Report) {
        let members = Double(simulation.ingesters)
        text = """
            \(simulation.ingesters) ingesters, \(simulation.zones) zones, \(simulation.tokens) tokens each, \
            \(simulation.replicationFactor) copies of \(simulation.series) series
            share of the tokens        \(Self.range(report.ownership)) of an even one
            copies of an ingester      \(Self.range(report.copies)) of an even share
            lookup of a series         \(Self.digits(report.nanosecondsToLookUp, 0)) ns
            table for lookups          made in \(Self.digits(report.secondsToBuild * 1000, 0)) ms
            tokens of a newcomer       chosen in \(Self.digits(report.secondsToJoin * 1000, 0)) ms
            moved when one joins       \(Self.percent(report.movedByJoin)) of all copies; \
            an even share is \(Self.percent(1 / (members + 1)))
            moved when one leaves      \(Self.percent(report.movedByLeave)); \
            an even share is \(Self.percent(1 / members))
            elsewhere without a zone   \(Self.percent(report.movedByZone))

            """
    }

    private static func range(_ range: ClosedRange<Double>) -> String {
        "\(digits(range.lowerBound, 3)) to \(digits(range.upperBound, 3))"
    }

    private static func percent(_ value: Double) -> String { digits(value * 100, 3) + " %" }

    private static func digits(_ value: Double, _ count: Int) -> String {
        var step = 1.0
        for _ in 0..<count { step *= 10 }
        let rounded = (value * step).rounded() / step
        return count == 0 ? "\(Int(rounded))" : "\(rounded)"
    }
}
